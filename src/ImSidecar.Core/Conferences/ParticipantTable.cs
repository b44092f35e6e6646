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
        ImmutableDictionary<ParticipantName, ImmutableArray<string>>.Empty, [], default);

    private readonly ImmutableDictionary<ParticipantName, ImmutableArray<string>> _ids;
    private readonly ImmutableSortedSet<(DateTimeOffset At, string Id)> _due;

    private ParticipantTable(
        ImmutableDictionary<string, Participant> all,
        ImmutableDictionary<ParticipantName, ImmutableArray<string>> ids,
        ImmutableSortedSet<(DateTimeOffset At, string Id)> due,
        ParticipantTally tally) => (All, _ids, _due, Tally) = (all, ids, due, tally);

    internal ImmutableDictionary<string, Participant> All { get; }

    /// <summary>How many of them are what.</summary>
    public ParticipantTally Tally { get; }

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

    internal IEnumerable<Participant> Find(ParticipantName name) =>
        _ids.TryGetValue(name, out var ids) ? ids.Select(id => All[id]) : [];

    /// <summary>Adds the participant, or takes him for the one with his id.</summary>
    public ParticipantTable Set(Participant participant)
    {
        var before = All.GetValueOrDefault(participant.Id);
        return new(
            All.SetItem(participant.Id, participant),
            before is not null && ParticipantName.AreSame(before, participant)
                ? _ids
                : With(Without(_ids, before), participant),
            Due(before, participant),
            Tally.Without(before).With(participant));
    }

    public ParticipantTable Remove(string id) =>
        All.TryGetValue(id, out var gone)
            ? new(All.Remove(id), Without(_ids, gone), Due(gone, null), Tally.Without(gone))
            : this;

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
