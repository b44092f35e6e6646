using ImSidecar.Server.Gateway.V1;

namespace ImSidecar.Server.Gateway;

/// <summary>Stands for an event of the stream until its outcome is saved.</summary>
internal sealed class EventReceipt(Link link, ulong sequence, Admission admission)
{
    private int _isConfirmed;

    public Link Link => link;

    /// <summary>By the clock of <see cref="TimeProvider.GetTimestamp"/>.</summary>
    public long ArrivedAt { get; init; }

    public SipEvent.EventOneofCase Kind { get; init; }

    public bool IsRequest => Kind == SipEvent.EventOneofCase.Request;

    public bool IsConfirmed => Volatile.Read(ref _isConfirmed) != 0;

    /// <summary>The event is saved: the link may forget it and all before it that are saved too.</summary>
    public void Confirm()
    {
        if (Interlocked.Exchange(ref _isConfirmed, 1) != 0)
            return;

        if (link.Ledger.Saved(sequence))
            link.Confirm();
        admission.Leave(this);
    }
}
