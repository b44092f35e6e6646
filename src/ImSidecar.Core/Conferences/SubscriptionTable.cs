using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Conferences;

/// <summary>
/// The subscriptions of a conference by number, dialog and subscriber, and when each wants attention next: among ten
/// thousand nobody is searched for. Each change costs the same whatever its size; immutable.
/// </summary>
public sealed class SubscriptionTable
{
    public static readonly SubscriptionTable Empty = new()
    {
        All = NumberedTree<Subscription>.Empty,
        Dialogs = ImmutableDictionary<SubscriptionName, ImmutableArray<int>>.Empty,
        Due = [],
        Content = NumberedTree<Subscription>.Empty,
        Heard = ImmutableSortedDictionary<long, int>.Empty,
    };

    private SubscriptionTable()
    {
    }

    /// <summary>By number, so in the order in which they came.</summary>
    internal NumberedTree<Subscription> All { get; private init; } = null!;

    private ImmutableDictionary<SubscriptionName, ImmutableArray<int>> Dialogs { get; init; } = null!;

    private ImmutableSortedSet<(long Ticks, int Number)> Due { get; init; } = null!;

    /// <summary>Who waits for no answer and knows all: the next change that is seen is news for them.</summary>
    private NumberedTree<Subscription> Content { get; init; } = null!;

    /// <summary>How many have heard up to that revision and no further.</summary>
    private ImmutableSortedDictionary<long, int> Heard { get; init; } = null!;

    /// <summary>The roster revision that what is due is reckoned by.</summary>
    private long RosterRevision { get; init; }

    public int Count => All.Count;

    public bool IsEmpty => All.Count == 0;

    public IEnumerable<Subscription> Values => All.Values;

    public Subscription this[DialogId dialog] =>
        TryGetValue(dialog, out var found) ? found : throw new KeyNotFoundException(dialog.ToString());

    /// <summary>When the first of them wants attention; null: never.</summary>
    public DateTimeOffset? FirstDue => Due.IsEmpty ? null : new(Due.Min.Ticks, TimeSpan.Zero);

    /// <summary>The revision that all have heard of; the highest there is when nobody watches.</summary>
    public long HeardByAll => Heard.IsEmpty ? long.MaxValue : Heard.First().Key;

    public static SubscriptionTable Of(IEnumerable<Subscription> subscriptions) =>
        subscriptions.Aggregate(Empty, (table, each) => table.Set(each));

    public bool TryGetValue(DialogId dialog, [MaybeNullWhen(false)] out Subscription subscription)
    {
        subscription = OfPeer(dialog.CallId, dialog.RemoteTag).FirstOrDefault(each => each.Dialog == dialog);
        return subscription is not null;
    }

    public bool ContainsKey(DialogId dialog) => TryGetValue(dialog, out _);

    /// <summary>By the id that its NOTIFYs name it by.</summary>
    public Subscription? Find(string id) =>
        Subscription.TryReadNumber(id, out var number) ? All.Find(number) : null;

    /// <summary>Those that SUBSCRIBEs with this Call-ID and From tag have made.</summary>
    internal IEnumerable<Subscription> OfPeer(string callId, string remoteTag) =>
        Named(SubscriptionName.Peer(callId, remoteTag));

    /// <summary>Those of a user, known by any of these addresses.</summary>
    internal IEnumerable<Subscription> Of(params IEnumerable<SipUri> addresses) =>
        addresses.SelectMany(SubscriptionName.User).Distinct().SelectMany(Named)
            .DistinctBy(each => each.Number)
            .OrderBy(each => each.Number);

    /// <summary>Who wants attention by then, the longest overdue first.</summary>
    public IReadOnlyList<Subscription> DueBy(DateTimeOffset now) =>
        Due.IsEmpty || Due.Min.Ticks > now.UtcTicks
            ? []
            : [.. Due.TakeWhile(each => each.Ticks <= now.UtcTicks).Select(each => All.Find(each.Number)!)];

    /// <summary>
    /// The same with what is due reckoned by that roster revision: what changed is owed to who knew all.
    /// </summary>
    public SubscriptionTable At(long rosterRevision)
    {
        if (rosterRevision <= RosterRevision)
            return this;

        var due = Due.ToBuilder();
        var content = Content;
        foreach (var subscription in Content.Values)
        {
            if (!subscription.IsBehind(rosterRevision))
                continue;

            content = content.Remove(subscription.Number);
            due.Remove((subscription.DueAt(owesNews: false).UtcTicks, subscription.Number));
            due.Add((subscription.DueAt(owesNews: true).UtcTicks, subscription.Number));
        }

        return new()
        {
            All = All,
            Dialogs = Dialogs,
            Due = due.ToImmutable(),
            Content = content,
            Heard = Heard,
            RosterRevision = rosterRevision,
        };
    }

    /// <summary>Adds the subscription, or takes it for the one with its number.</summary>
    public SubscriptionTable Set(Subscription subscription)
    {
        var before = All.Find(subscription.Number);
        return new()
        {
            All = All.Set(subscription.Number, subscription),
            Dialogs = before is not null && SubscriptionName.AreSame(before, subscription)
                ? Dialogs
                : With(Without(before), subscription),
            Due = DueWith(before, subscription),
            Content = ContentWith(subscription),
            Heard = HeardWith(before, subscription),
            RosterRevision = RosterRevision,
        };
    }

    /// <summary>As Set for each of them, in one go: they are there already, and their names and revisions stay.</summary>
    public SubscriptionTable SetTold(IReadOnlyCollection<Subscription> told)
    {
        var (all, content) = (All, Content);
        var due = Due.ToBuilder();
        foreach (var subscription in told)
        {
            due.Remove((TicksOf(All.Find(subscription.Number)!), subscription.Number));
            due.Add((TicksOf(subscription), subscription.Number));
            all = all.Set(subscription.Number, subscription);
            content = content.Remove(subscription.Number);
        }

        return new()
        {
            All = all,
            Dialogs = Dialogs,
            Due = due.ToImmutable(),
            Content = content,
            Heard = Heard,
            RosterRevision = RosterRevision,
        };
    }

    public SubscriptionTable Remove(DialogId dialog) =>
        TryGetValue(dialog, out var gone)
            ? new()
            {
                All = All.Remove(gone.Number),
                Dialogs = Without(gone),
                Due = DueWith(gone, null),
                Content = Content.Remove(gone.Number),
                Heard = HeardWith(gone, null),
                RosterRevision = RosterRevision,
            }
            : this;

    private IEnumerable<Subscription> Named(SubscriptionName name) =>
        Dialogs.TryGetValue(name, out var numbers) ? numbers.Select(number => All.Find(number)!) : [];

    private long TicksOf(Subscription subscription) =>
        subscription.DueAt(subscription.IsBehind(RosterRevision)).UtcTicks;

    private ImmutableSortedSet<(long, int)> DueWith(Subscription? before, Subscription? after)
    {
        var (was, next) = (before is null ? -1 : TicksOf(before), after is null ? -1 : TicksOf(after));
        if (was == next)
            return Due;

        var due = before is null ? Due : Due.Remove((was, before.Number));
        return after is null ? due : due.Add((next, after.Number));
    }

    private NumberedTree<Subscription> ContentWith(Subscription after) =>
        after is { AnswerBy: null, EndReason: null } && !after.IsBehind(RosterRevision)
            ? Content.Set(after.Number, after)
            : Content.Remove(after.Number);

    private ImmutableSortedDictionary<long, int> HeardWith(Subscription? before, Subscription? after)
    {
        if (before?.HeardUpTo == after?.HeardUpTo)
            return Heard;

        var heard = Heard;
        if (before is not null)
            heard = heard[before.HeardUpTo] is > 1 and var many
                ? heard.SetItem(before.HeardUpTo, many - 1)
                : heard.Remove(before.HeardUpTo);
        return after is null ? heard : heard.SetItem(after.HeardUpTo, heard.GetValueOrDefault(after.HeardUpTo) + 1);
    }

    private static ImmutableDictionary<SubscriptionName, ImmutableArray<int>> With(
        ImmutableDictionary<SubscriptionName, ImmutableArray<int>> names, Subscription subscription)
    {
        foreach (var name in SubscriptionName.Of(subscription))
            names = names.SetItem(
                name, names.TryGetValue(name, out var same) ? same.Add(subscription.Number) : [subscription.Number]);
        return names;
    }

    private ImmutableDictionary<SubscriptionName, ImmutableArray<int>> Without(Subscription? gone)
    {
        var names = Dialogs;
        if (gone is null)
            return names;

        foreach (var name in SubscriptionName.Of(gone))
        {
            var others = names[name].Remove(gone.Number);
            names = others.IsEmpty ? names.Remove(name) : names.SetItem(name, others);
        }

        return names;
    }
}
