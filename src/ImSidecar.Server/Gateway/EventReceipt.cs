using System.Diagnostics;
using Google.Protobuf;
using ImSidecar.Server.Gateway.V1;

namespace ImSidecar.Server.Gateway;

/// <summary>Stands for an event of the stream until its outcome is saved.</summary>
internal sealed class EventReceipt(Link link, ulong sequence, Admission admission)
{
    private int _isConfirmed;
    private bool _isInMailbox;

    public Link Link => link;

    public ulong Sequence => sequence;

    /// <summary>Of the Redirect that brought it here; empty: nobody has decided on it yet.</summary>
    public ByteString Stage { get; init; } = ByteString.Empty;

    /// <summary>It waits for another node: whoever measures how long we take does not count it.</summary>
    public bool IsSetAside { get; private set; }

    public void SetAside() => IsSetAside = true;

    /// <summary>By the clock of <see cref="TimeProvider.GetTimestamp"/>.</summary>
    public long ArrivedAt { get; init; }

    public SipEvent.EventOneofCase Kind { get; init; }

    public bool IsRequest => Kind == SipEvent.EventOneofCase.Request;

    /// <summary>Stands for the event in a trace; null: nobody samples it.</summary>
    public Activity? Span { get; init; }

    public bool IsConfirmed => Volatile.Read(ref _isConfirmed) != 0;

    /// <summary>A mailbox ends it, after what follows from the event.</summary>
    public Activity? TakeSpan()
    {
        if (_isInMailbox || IsConfirmed)
            return null;

        _isInMailbox = true;
        return Span;
    }

    /// <summary>The event is saved: the link may forget it and all before it that are saved too.</summary>
    public void Confirm()
    {
        if (Interlocked.Exchange(ref _isConfirmed, 1) != 0)
            return;

        if (link.Ledger.Saved(sequence))
            link.Confirm();
        admission.Leave(this);
        if (!_isInMailbox)
            Span?.Stop();
    }
}
