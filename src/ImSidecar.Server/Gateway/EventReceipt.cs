using ImSidecar.Server.Gateway.V1;

namespace ImSidecar.Server.Gateway;

/// <summary>Stands for an event of the stream until its outcome is saved.</summary>
internal sealed class EventReceipt(Link link, ulong sequence)
{
    public Link Link => link;

    /// <summary>The event is saved: the link may forget it and all before it that are saved too.</summary>
    public void Confirm()
    {
        var before = link.Ledger.Confirmed;
        link.Ledger.Saved(sequence);
        var after = link.Ledger.Confirmed;

        // A full queue loses nothing: the next confirmation says all that this one would.
        if (after > before)
            link.TrySend(new() { Confirm = new() { Sequence = after } });
    }
}
