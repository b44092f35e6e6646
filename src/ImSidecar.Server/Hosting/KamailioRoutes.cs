using ImSidecar.Core.Conferences;
using ImSidecar.Server.Gateway;

namespace ImSidecar.Server.Hosting;

/// <summary>Through which Kamailio what an aggregate owes goes, and what becomes of it when that one is over.</summary>
internal sealed class KamailioRoutes(AggregateId id, PendingEffects pending, LinkRegistry links)
{
    /// <summary>All that is in flight goes through one Kamailio: then the end of another one is none of its business.</summary>
    public string? Next() => pending.Via is { } via && !links.Boots.IsOver(via) ? via : links.BootFor(id);

    public static bool IsNews(MailboxItem item) =>
        item is PerformPending or Happened { Event: LinkRestarted };

    /// <summary>True when requests of ours that waited for a Kamailio are to be saved with the one that is there now.</summary>
    public bool TryRoute(Aggregate? state, List<Owed> owed)
    {
        if (state is null || links.BootFor(id) is null || pending.TakeUnrouted() is not { Count: > 0 } unrouted)
            return false;

        owed.InsertRange(0, unrouted.Select(effect => new Owed(effect)));
        return true;
    }

    /// <summary>Whom the end of a boot concerns, a look at what is in flight tells.</summary>
    public MailboxItem Translated(MailboxItem item, Aggregate? state)
    {
        if (item is not BootEnded { Boot: var boot })
            return item;

        var restarted = new LinkRestarted { Boot = boot, EndsOurs = pending.HasOurs(boot) };
        return restarted.EndsOurs || pending.HasReply(boot) || TransactionTable.Of(state).Any(restarted.Ends)
            ? new Happened(restarted, null)
            : new Wake(Stopping: false);
    }

    /// <summary>What a Kamailio has in flight that is not attached any more may never be answered.</summary>
    public void NoteBoots(Aggregate? state, Action<BootEnded> tell)
    {
        foreach (var boot in pending.Boots.Concat(TransactionTable.Of(state).Select(Boots.Of).OfType<string>()).Distinct())
        {
            if (links.Boots.IsOver(boot))
                tell(new BootEnded(boot));
            else
                links.Boots.Await(boot);
        }
    }
}
