using System.Diagnostics;
using ImSidecar.Core.Deferred;
using Npgsql;

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

    /// <summary>Two round trips: what goes and what is there; then what comes of it.</summary>
    public void Write(NpgsqlConnection connection)
    {
        using var first = new NpgsqlBatch(connection);
        if (_told.Count > 0)
            first.Forget(_told);
        if (_adds.Count + _removals.Count + _expiries.Count == 0)
        {
            if (_told.Count > 0)
                first.ExecuteNonQuery();
            return;
        }

        Ask(first);
        var (ledger, known) = Read(first, connection);
        using var second = new NpgsqlBatch(connection);
        if (Admit(ledger, known) is { Count: > 0 } kept)
            second.Insert(kept);
        if (ledger.Changed.ToList() is { Count: > 0 } changed)
            second.Write(changed, ledger.All);
        if (second.BatchCommands.Count > 0)
            second.ExecuteNonQuery();
    }

    private void Ask(NpgsqlBatch batch)
    {
        batch.LockAll();
        if (_removals.Count > 0)
            batch.Remove(_removals);
        foreach (var expiry in _expiries)
            batch.Expire(expiry);
        batch.Boxes(Named);
        if (_adds.Count > 0)
            batch.Known(_adds);
    }

    private (DeferralLedger Ledger, HashSet<int> Known) Read(NpgsqlBatch batch, NpgsqlConnection connection)
    {
        DeferralLedger ledger;
        List<RemovedMessages> gone;
        HashSet<int> known;
        using (var reader = batch.ExecuteReader())
        {
            ledger = new(reader.All());
            gone = ReadGone(reader);
            Put(ledger, reader.Boxes(), Named);
            known = _adds.Count > 0 ? reader.Known() : [];
        }

        // Whose messages have expired nobody knew before.
        List<string> others = [.. gone.Select(each => each.User).Distinct().Where(user => ledger.Find(user) is null)];
        if (others.Count > 0)
        {
            using var more = new NpgsqlBatch(connection);
            more.Boxes(others);
            using var reader = more.ExecuteReader();
            Put(ledger, reader.Boxes(), others);
        }

        foreach (var each in gone)
            ledger.Remove(ledger.Find(each.User)!, each.Messages, each.Bytes);
        return (ledger, known);
    }

    private HashSet<string> Named => [.. _adds.Select(add => add.Row.User), .. _removals.Select(removal => removal.User)];

    private static void Put(DeferralLedger ledger, List<DeferredBox> boxes, IEnumerable<string> users)
    {
        boxes.ForEach(box => ledger.Put(box));
        foreach (var user in users.Where(user => ledger.Find(user) is null))
            ledger.Put(new(user));
    }

    private List<RemovedMessages> ReadGone(NpgsqlDataReader reader)
    {
        var gone = new List<RemovedMessages>();
        if (_removals.Count > 0)
        {
            gone.AddRange(reader.Removed());
            foreach (var each in gone)
                _removals[each.Request].Count += (int)each.Messages;
        }

        foreach (var expiry in _expiries)
        {
            var expired = reader.Removed();
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
