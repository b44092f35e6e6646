namespace ImSidecar.Msrp;

/// <summary>One message on its way to one recipient.</summary>
internal sealed class Route(Outbox outbox, long? maxSize, FailureNotice? notice)
{
    private volatile bool _isRefused;

    public Outbox Outbox => outbox;

    public long? MaxSize => maxSize;

    /// <summary>A chunk of it is queued or written: if it ends early the recipient must be told.</summary>
    public bool IsStarted { get; set; }

    /// <summary>Nothing more of it goes to this recipient.</summary>
    public bool IsOver { get; set; }

    /// <summary>The recipient answered something other than 200, or a part did not reach it.</summary>
    public bool IsRefused => _isRefused;

    public bool IsCongested => !IsOver && outbox.IsCongested;

    /// <summary>Congested, and not yet waited for in vain.</summary>
    public bool IsLate => IsCongested && !outbox.IsLagging;

    /// <summary>The recipient refused a part of it, or will never have had it.</summary>
    public void Fail(int status)
    {
        _isRefused = true;
        notice?.Tell(status);
    }
}
