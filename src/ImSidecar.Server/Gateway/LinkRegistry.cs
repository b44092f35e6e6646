using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Server.Gateway.V1;

namespace ImSidecar.Server.Gateway;

/// <summary>The attached Kamailios: one stream each. A request of ours goes through the one that its aggregate uses.</summary>
internal sealed class LinkRegistry(Boots boots, IBootMemory memory)
{
    private readonly Dictionary<(string Instance, string Boot), EventLedger> _ledgers = [];
    private readonly Lock _gate = new();
    private ImmutableArray<Link> _all = [];

    public Boots Boots => boots;

    /// <summary>In the order in which they attached.</summary>
    public ImmutableArray<Link> All
    {
        get
        {
            lock (_gate)
                return _all;
        }
    }

    /// <summary>Any of them, one that is served if there is one; null: none is attached.</summary>
    public Link? Current => All is var all ? all.FirstOrDefault(link => link.IsServing) ?? all.FirstOrDefault() : null;

    /// <summary>Makes a link for the stream, and says which boots of Kamailio are over since the last one.</summary>
    public Link Attach(LinkHello hello, int capacity, out IReadOnlyList<string> ended)
    {
        lock (_gate)
        {
            // The same instance again: its old stream is dead, it just has not been noticed.
            foreach (var old in _all.Where(each => each.Instance == hello.Instance))
                Remove(old);
        }

        var boot = Boots.NameOf(hello.BootId);
        ended = boots.OnAttached(hello.Instance, boot);
        lock (_gate)
        {
            foreach (var dead in ended)
                _ledgers.Remove((hello.Instance, dead));
            if (!_ledgers.TryGetValue((hello.Instance, boot), out var ledger))
                _ledgers.Add((hello.Instance, boot), ledger = new());
            var link = new Link(hello.Instance, boot, ledger, capacity)
            {
                KamailioVersion = hello.KamailioVersion,
                ModuleVersion = hello.ModuleVersion,
                ReplaysUpTo = hello.ReplaysUpTo,
            };
            _all = _all.Add(link);
            return link;
        }
    }

    /// <summary>Throws what the store does; then a node that starts anew learns of the end of this boot later.</summary>
    public ValueTask RememberAsync(Link link, CancellationToken cancellation) =>
        memory.LastOf(link.Instance) is { } last && Boots.NameOf(last) == link.Boot
            ? ValueTask.CompletedTask
            : memory.RememberAsync(link.Instance, link.Boot, cancellation);

    public void Detach(Link link)
    {
        lock (_gate)
            Remove(link);
    }

    /// <summary>The boot through which an aggregate sends what it begins now; null: none is attached.</summary>
    public string? BootFor(AggregateId id) => For(id)?.Boot;

    /// <summary>
    /// Where an effect goes: a reply to the Kamailio that holds the transaction, a request of ours through the one
    /// chosen. Null: that one is not attached now.
    /// </summary>
    public Link? Towards(Effect effect, string? via, AggregateId? id) => effect switch
    {
        Respond respond => OfTransaction(respond.Transaction),
        PassOn passed => OfTransaction(passed.Transaction),
        _ => via is not null ? OfBoot(via) : id is { } named ? For(named) : Current,
    };

    /// <summary>The link of the Kamailio that holds the transaction.</summary>
    public Link? OfTransaction(string transaction) =>
        Boots.Of(transaction) is { } boot ? OfBoot(boot) : Current;

    private Link? OfBoot(string boot) => All.FirstOrDefault(link => link.Boot == boot);

    // The same one from every node, and another one for few aggregates only when a Kamailio comes or goes.
    private Link? For(AggregateId id)
    {
        var all = All;
        if (all.Length < 2)
            return all.FirstOrDefault();

        var slot = Slot.Of(id);
        return all.Where(link => link.IsServing).DefaultIfEmpty(all[0])
            .MaxBy(link => HashCode(slot, link.Instance));
    }

    private static uint HashCode(Slot slot, string instance)
    {
        var hash = 2166136261u;
        foreach (var character in $"{slot}/{instance}")
            hash = (hash ^ character) * 16777619;
        // The last characters of a name are to count for the upper bits too.
        hash ^= hash >> 15;
        hash *= 2246822519;
        return hash ^ hash >> 13;
    }

    private void Remove(Link link)
    {
        link.Close();
        var without = _all.Remove(link);
        if (without.Length == _all.Length)
            return;

        _all = without;
        boots.OnDetached(link.Boot);
    }
}
