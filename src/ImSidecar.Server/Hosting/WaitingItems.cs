using ImSidecar.Core.Conferences;
using ImSidecar.Server.Telemetry.Tracing;

namespace ImSidecar.Server.Hosting;

/// <summary>What waits for a mailbox, in order; used under its lock.</summary>
internal sealed class WaitingItems
{
    private const int MostInCompany = 1024;

    private List<MailboxItem> _items = [];

    public bool IsEmpty => _items.Count == 0;

    /// <summary>Nothing is in a hurry, and there is not much of it.</summary>
    public bool MayAllWait { get; private set; } = true;

    public bool HasRequest => _items.Exists(IsRequest);

    public static bool IsRequest(MailboxItem item) => item is Happened { Event: RequestArrived };

    public void Add(MailboxItem item)
    {
        // What comes of itself again and again counts once, and last: a leg may be lost and found in turn.
        if (item.Receipt is null && !IsRequest(item))
            Replace(item);

        _items.Add(item);
        MayAllWait &= item.MayWait && _items.Count < MostInCompany;
    }

    /// <summary>What has failed once goes on as soon as it can.</summary>
    public void PutBack(List<MailboxItem> again)
    {
        _items.InsertRange(0, again);
        Hurry();
    }

    /// <summary>It has waited long enough.</summary>
    public void Hurry() => MayAllWait = false;

    public List<MailboxItem> TakeAll()
    {
        var all = _items;
        _items = [];
        MayAllWait = true;
        return all;
    }

    private void Replace(MailboxItem item)
    {
        if (_items.IndexOf(item) is var at && at < 0)
            return;

        Traces.End(_items[at].TakeSpan());
        _items.RemoveAt(at);
    }
}
