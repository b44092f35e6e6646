using System.Diagnostics;
using ImSidecar.Core.Deferred;

namespace ImSidecar.Server.Stores.Deferred.Postgres;

/// <summary>The writes of one transaction by their kinds: first what goes, then what comes.</summary>
internal sealed class PostgresDeferredBatch
{
    private readonly List<DeferredAdd> _adds = [];
    private readonly List<DeferredRemoval> _removals = [];
    private readonly List<DeferredExpiry> _expiries = [];
    private readonly List<long> _told = [];

    public PostgresDeferredBatch(IReadOnlyList<StoreWrite> writes)
    {
        foreach (var write in writes)
        {
            write.IsSaved = true;
            switch (write)
            {
                case DeferredAdd add:
                    _adds.Add(add);
                    break;
                case DeferredRemoval removal:
                    removal.Count = 0;
                    _removals.Add(removal);
                    break;
                case DeferredExpiry expiry:
                    _expiries.Add(expiry);
                    break;
                case NoticesTold told:
                    _told.AddRange(told.Numbers);
                    break;
                default:
                    throw new UnreachableException(write.GetType().Name);
            }
        }
    }

    public void Write(PostgresDeferredStatements statements)
    {
        if (_told.Count > 0)
            statements.Forget(_told);
        if (_adds.Count + _removals.Count + _expiries.Count == 0)
            return;

        var ledger = new DeferralLedger(statements.LockAll());
        var gone = Remove(statements);
        statements.LoadBoxes(ledger, [.. gone.Select(each => each.User), .. _adds.Select(add => add.Row.User)]);
        foreach (var each in gone)
            ledger.Remove(ledger.Find(each.User)!, each.Messages, each.Bytes);
        if (_adds.Count > 0)
            statements.Insert(Admit(ledger, statements.Known(_adds)));
        statements.Write(ledger);
    }

    private List<RemovedMessages> Remove(PostgresDeferredStatements statements)
    {
        var gone = new List<RemovedMessages>();
        if (_removals.Count > 0)
        {
            gone.AddRange(statements.Remove(_removals));
            foreach (var each in gone)
                _removals[each.Request].Count += (int)each.Messages;
        }

        foreach (var expiry in _expiries)
        {
            var expired = statements.Expire(expiry);
            expiry.Count = (int)expired.Sum(each => each.Messages);
            gone.AddRange(expired);
        }

        return gone;
    }

    private List<(DeferredAdd Add, long Number)> Admit(DeferralLedger ledger, HashSet<int> known)
    {
        var kept = new List<(DeferredAdd, long)>();
        var keys = new HashSet<(string, string)>();
        for (var i = 0; i < _adds.Count; i++)
        {
            var (add, row) = (_adds[i], _adds[i].Row);
            var box = ledger.Find(row.User)!;
            add.Result = known.Contains(i) || keys.Contains((row.User, row.Key))
                ? Deferral.Known
                : ledger.Admit(box, row.Size, add.Quota);
            if (add.Result != Deferral.Kept)
                continue;

            keys.Add((row.User, row.Key));
            kept.Add((add, box.Last));
        }

        return kept;
    }
}

/// <summary>What one request, or the expiry, took from one user.</summary>
internal readonly record struct RemovedMessages(string User, int Request, long Messages, long Bytes);
