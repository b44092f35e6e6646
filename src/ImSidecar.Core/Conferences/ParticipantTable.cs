using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace ImSidecar.Core.Conferences;

/// <summary>
/// The participants of a conference by id, and by all that an event names them by: in a session of a thousand nobody is
/// searched for among all. Each change costs the same whatever its size; immutable.
/// </summary>
public sealed class ParticipantTable
{
    public static readonly ParticipantTable Empty = new(
        ImmutableDictionary<string, Participant>.Empty,
        ImmutableDictionary<ParticipantName, ImmutableArray<string>>.Empty, [], [], default, 0);

    private readonly ImmutableDictionary<ParticipantName, ImmutableArray<string>> _ids;
    private readonly ImmutableSortedSet<(DateTimeOffset At, string Id)> _due;
    private readonly ImmutableSortedSet<(long Revision, int Number, string Id)> _changes;

    private ParticipantTable(
        ImmutableDictionary<string, Participant> all,
        ImmutableDictionary<ParticipantName, ImmutableArray<string>> ids,
        ImmutableSortedSet<(DateTimeOffset At, string Id)> due,
        ImmutableSortedSet<(long Revision, int Number, string Id)> changes,
        ParticipantTally tally,
        int users) => (All, _ids, _due, _changes, Tally, Users) = (all, ids, due, changes, tally, users);

    internal ImmutableDictionary<string, Participant> All { get; }

    /// <summary>How many of them are what.</summary>
    public ParticipantTally Tally { get; }

    /// <summary>How many users the roster counts: who comes in while he goes out is one, who rings is none.</summary>
    public int Users { get; }

    /// <summary>When the first of them is due; null: never.</summary>
    public DateTimeOffset? FirstDue => _due.IsEmpty ? null : _due.Min.At;

    public int Count => All.Count;

    public bool IsEmpty => All.IsEmpty;

    public IEnumerable<Participant> Values => All.Values;

    public Participant this[string id] => All[id];

    public static ParticipantTable Of(IEnumerable<Participant> participants) =>
        participants.Aggregate(Empty, (table, each) => table.Set(each));

    public bool ContainsKey(string key) => All.ContainsKey(key);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out Participant value) =>
        All.TryGetValue(key, out value);

    public Participant? GetValueOrDefault(string id) => All.GetValueOrDefault(id);

    /// <summary>Who is due by then, in the order in which they came.</summary>
    public IEnumerable<Participant> DueBy(DateTimeOffset now) =>
        _due.TakeWhile(each => each.At <= now).Select(each => All[each.Id]).OrderBy(each => each.Number).ToList();

    /// <summary>Who is shown otherwise than at that revision, in the order in which they came.</summary>
    internal IReadOnlyList<Participant> ShownSince(long revision) =>
        [.. _changes.Reverse().TakeWhile(each => each.Revision > revision)
            .Select(each => All[each.Id])
            .Where(each => ReferenceEquals(Shown(All, _ids, each.Entity), each))
            .OrderBy(each => each.Number)];

    internal IEnumerable<Participant> Find(ParticipantName name) =>
        _ids.TryGetValue(name, out var ids) ? ids.Select(id => All[id]) : [];

    /// <summary>Adds the participant, or takes him for the one with his id.</summary>
    public ParticipantTable Set(Participant participant)
    {
        var before = All.GetValueOrDefault(participant.Id);
        var all = All.SetItem(participant.Id, participant);
        var ids = before is not null && ParticipantName.AreSame(before, participant)
            ? _ids
            : With(Without(_ids, before), participant);
        return new(
            all, ids, Due(before, participant), Changes(before, participant), Tally.Without(before).With(participant),
            Users + Difference(before, participant, all, ids));
    }

    public ParticipantTable Remove(string id) =>
        All.TryGetValue(id, out var gone) ? Without(gone, All.Remove(id), Without(_ids, gone)) : this;

    private ParticipantTable Without(
        Participant gone,
        ImmutableDictionary<string, Participant> all,
        ImmutableDictionary<ParticipantName, ImmutableArray<string>> ids) =>
        new(all, ids, Due(gone, null), Changes(gone, null), Tally.Without(gone),
            Users + Difference(gone, null, all, ids));

    // One user is one element, RFC 4575 5.6: who came again is shown where he is, not where he is being removed.
    private static Participant? Shown(
        ImmutableDictionary<string, Participant> all,
        ImmutableDictionary<ParticipantName, ImmutableArray<string>> ids,
        string entity)
    {
        Participant? shown = null;
        foreach (var id in ids.TryGetValue(ParticipantName.Entity(entity), out var same) ? same : [])
        {
            var other = all[id];
            if (other.IsShown && (shown is null || Rank(other).CompareTo(Rank(shown)) > 0))
                shown = other;
        }

        return shown;

        static (bool, int) Rank(Participant each) => (each.Leg.State != LegState.Ending, each.Number);
    }

    private int Difference(
        Participant? before,
        Participant? after,
        ImmutableDictionary<string, Participant> all,
        ImmutableDictionary<ParticipantName, ImmutableArray<string>> ids)
    {
        if (Look(before) == Look(after))
            return 0;

        var difference = 0;
        foreach (var entity in new[] { before?.Entity, after?.Entity }.OfType<string>().Distinct())
            difference += Counts(Shown(all, ids, entity)) - Counts(Shown(All, _ids, entity));
        return difference;

        static (string, bool, bool, bool)? Look(Participant? each) => each is null ? null : (
            each.Entity, each.IsShown, each.Leg.State == LegState.Ending, each.Invitation == Invitation.Ringing);

        static int Counts(Participant? shown) => shown is null or { Invitation: Invitation.Ringing } ? 0 : 1;
    }

    private ImmutableSortedSet<(long Revision, int Number, string Id)> Changes(Participant? before, Participant? after)
    {
        if (before?.ChangedAt == after?.ChangedAt)
            return _changes;

        var changes = before is null ? _changes : _changes.Remove((before.ChangedAt, before.Number, before.Id));
        return after is null ? changes : changes.Add((after.ChangedAt, after.Number, after.Id));
    }

    private ImmutableSortedSet<(DateTimeOffset At, string Id)> Due(Participant? before, Participant? after)
    {
        if (before?.DueAt == after?.DueAt)
            return _due;

        var due = before?.DueAt is { } was ? _due.Remove((was, before.Id)) : _due;
        return after?.DueAt is { } next ? due.Add((next, after.Id)) : due;
    }

    private static ImmutableDictionary<ParticipantName, ImmutableArray<string>> With(
        ImmutableDictionary<ParticipantName, ImmutableArray<string>> ids, Participant participant)
    {
        foreach (var name in ParticipantName.Of(participant).Distinct())
            ids = ids.SetItem(name, ids.TryGetValue(name, out var same) ? same.Add(participant.Id) : [participant.Id]);
        return ids;
    }

    private static ImmutableDictionary<ParticipantName, ImmutableArray<string>> Without(
        ImmutableDictionary<ParticipantName, ImmutableArray<string>> ids, Participant? participant)
    {
        if (participant is null)
            return ids;

        foreach (var name in ParticipantName.Of(participant).Distinct())
        {
            var others = ids[name].Remove(participant.Id);
            ids = others.IsEmpty ? ids.Remove(name) : ids.SetItem(name, others);
        }

        return ids;
    }
}
