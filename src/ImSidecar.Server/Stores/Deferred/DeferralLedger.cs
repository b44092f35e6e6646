using ImSidecar.Core.Deferred;

namespace ImSidecar.Server.Stores.Deferred;

/// <summary>
/// What waits for each user of a batch, and for all, while the batch is written: it decides on quotas and gives
/// numbers.
/// </summary>
internal sealed class DeferralLedger(DeferredCount all)
{
    private readonly Dictionary<string, DeferredBox> _boxes = [];

    public DeferredCount All { get; private set; } = all;

    public IEnumerable<DeferredBox> Changed => _boxes.Values.Where(box => box.IsChanged);

    public DeferredBox? Find(string user) => _boxes.GetValueOrDefault(user);

    public DeferredBox Put(DeferredBox box) => _boxes[box.User] = box;

    /// <summary>Takes a message on, if there is room for it; its number is the last one of the box then.</summary>
    public Deferral Admit(DeferredBox box, long size, DeferralQuota quota)
    {
        if (box.Messages >= quota.UserMessages || size > quota.UserBytes - box.Bytes)
            return Deferral.UserFull;

        if (All.Messages >= quota.Messages || size > quota.Bytes - All.Bytes)
            return Deferral.NodeFull;

        box.Add(size);
        All = new(All.Messages + 1, All.Bytes + size);
        return Deferral.Kept;
    }

    public void Remove(DeferredBox box, long messages, long bytes)
    {
        box.Remove(messages, bytes);
        All = new(All.Messages - messages, All.Bytes - bytes);
    }
}

/// <summary>What waits for one user.</summary>
internal sealed class DeferredBox(string user, long messages = 0, long bytes = 0, long last = 0)
{
    private readonly bool _isNew = last == 0;
    private readonly bool _waited = messages > 0;

    public string User => user;

    public long Messages { get; private set; } = messages;

    public long Bytes { get; private set; } = bytes;

    /// <summary>The last number that was given: it stays when nothing waits any more.</summary>
    public long Last { get; private set; } = last;

    /// <summary>There is no row of him yet.</summary>
    public bool IsNew => _isNew;

    public bool IsChanged { get; private set; }

    public bool Waits => Messages > 0;

    /// <summary>It waits now and did not before, or the other way round.</summary>
    public bool TurnsRound => Waits != _waited;

    public void Add(long size)
    {
        Messages++;
        Bytes += size;
        Last++;
        IsChanged = true;
    }

    public void Remove(long messages, long bytes)
    {
        Messages -= messages;
        Bytes -= bytes;
        IsChanged = true;
    }
}
