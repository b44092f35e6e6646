using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Switch;

/// <summary>One message on its way to one recipient.</summary>
internal sealed class Route(
    Outbox initialOutbox, long? maxSize, DeliveryNotice? notice, OutgoingMessage? message = null)
{
    private volatile Outbox _outbox = initialOutbox;
    private volatile bool _isRefused;

    /// <summary>Where its chunks go; another one when the recipient moves before the first was written.</summary>
    public Outbox Outbox
    {
        get => _outbox;
        set => _outbox = value;
    }

    /// <summary>The outbox whose connection has a chunk of it; what follows goes there too. It guards this.</summary>
    public Outbox? WrittenBy { get; set; }

    /// <summary>A part of it arrived, or is kept nowhere any more: it cannot begin anew.</summary>
    public bool IsBroken { get; set; }

    public long? MaxSize => maxSize;

    /// <summary>A chunk of it is queued or written: if it ends early the recipient must be told.</summary>
    public bool IsStarted { get; set; }

    /// <summary>Nothing more of it goes to this recipient.</summary>
    public bool IsOver { get; set; }

    /// <summary>The recipient answered something other than 200, or a part did not reach it.</summary>
    public bool IsRefused => _isRefused;

    public bool IsCongested => !IsOver && Outbox.IsCongested;

    /// <summary>Congested, and not yet waited for in vain.</summary>
    public bool IsLate => IsCongested && !Outbox.IsLagging;

    /// <summary>The recipient refused a part of it, or will never have had it.</summary>
    public void Fail(int status)
    {
        _isRefused = true;
        notice?.Tell(status);
    }

    /// <summary>A chunk is about to be queued, or was not.</summary>
    public void Expect(bool isQueued)
    {
        if (isQueued)
            notice?.Expect();
        else
            notice?.ExpectNot();
    }

    /// <summary>The recipient answered one chunk.</summary>
    public void OnAnswer(int status)
    {
        if (status == MsrpStatus.Ok)
            notice?.OnArrived();
        else
            Fail(status);

        message?.OnAnswer(status);
    }

    /// <summary>A chunk did not arrive, or its answer never came.</summary>
    public void Lose()
    {
        Fail(MsrpStatus.Timeout);
        message?.OnLost();
    }

    /// <summary>No answer to a chunk that is written now would be known: who counts them hears that at once.</summary>
    public void OnUntracked()
    {
        // Hop by hop: it is on its way, and nobody will say more.
        notice?.OnArrived();
        message?.OnLost();
    }
}
