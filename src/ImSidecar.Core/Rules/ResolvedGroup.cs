using System.Collections.Frozen;
using System.Collections.Immutable;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Core.Rules;

/// <summary>
/// A group with all it refers to, ready to be asked; made once for each version of its documents, however many members.
/// </summary>
public sealed class ResolvedGroup
{
    private readonly FrozenSet<string> _members;
    private readonly FrozenDictionary<string, string> _names;
    private readonly FrozenSet<string> _required;

    private ResolvedGroup(
        GroupDocument document, ImmutableArray<GroupMember> members, FrozenSet<string> keys, FrozenSet<string> required,
        CompiledRules rules, ListExpander lists)
    {
        Document = document;
        AllMembers = members;
        _members = keys;
        _names = members.Where(member => member.DisplayName is not null)
            .ToFrozenDictionary(member => member.Address.PersonKey, member => member.DisplayName!);
        _required = required;
        Schedule = Schedule.Of(document.SessionActive?.Schedule ?? []);
        Rules = rules;
        Problems = lists.Problems;
    }

    public GroupDocument Document { get; }

    /// <summary>Entries and the users of external lists in document order, each person once.</summary>
    public ImmutableArray<GroupMember> AllMembers { get; }

    /// <summary>What could not be resolved, for the log; those concerned have no rights by it.</summary>
    public ImmutableArray<string> Problems { get; }

    /// <summary>When sessions may be, session-active-policy; null: always.</summary>
    public Schedule? Schedule { get; }

    /// <summary>How many persons required-participants-list names, those by reference too.</summary>
    public int RequiredCount => _required.Count;

    internal CompiledRules Rules { get; }

    public bool IsMember(SipUri user) => _members.Contains(user.PersonKey);

    /// <summary>The name that the document gives a member; null when it gives none.</summary>
    public string? NameOf(SipUri user) => _names.GetValueOrDefault(user.PersonKey);

    /// <summary>How many of the required persons he is: several if the list has several of his addresses.</summary>
    internal int RequirementsMetBy(Requester who) =>
        _required.Count == 0 ? 0 : who.Keys.Distinct().Count(_required.Contains);

    /// <param name="document">The group.</param>
    /// <param name="loaded">What has been loaded so far of the documents that earlier calls missed.</param>
    /// <param name="roots">XCAP roots that are ours; none means that each is.</param>
    /// <param name="owner">Whose lists it may refer to, besides global ones; null: everybody's.</param>
    public static Expansion<ResolvedGroup> Expand(
        GroupDocument document, IReadOnlyDictionary<DocumentSelector, ReferencedDocument> loaded,
        ImmutableArray<string> roots = default, string? owner = null)
    {
        var lists = new ListExpander(loaded, roots, owner);
        foreach (var problem in document.Problems)
            lists.Report(problem);

        var seen = new HashSet<string>();
        ImmutableArray<GroupMember> members =
        [
            .. document.Members.Concat(document.Externals.SelectMany(lists.Expand))
                .Where(member => seen.Add(member.Address.PersonKey)),
        ];
        var keys = seen.ToFrozenSet();
        var required = Required(document, lists);
        var rules = CompiledRules.Of(document.Rules, keys, lists);
        return lists.Missing is { IsEmpty: false } missing
            ? new(null, missing)
            : new(new ResolvedGroup(document, members, keys, required, rules, lists), []);
    }

    private static FrozenSet<string> Required(GroupDocument document, ListExpander lists)
    {
        if (document.SessionActive is not { } active)
            return [];

        var required = new HashSet<string>();
        foreach (var entry in active.RequiredParticipants)
        {
            if (SipUri.TryParse(entry, out var uri))
                required.Add(uri.PersonKey);
            else
                lists.Report("an entry of required-participants-list has no SIP or tel URI");
        }

        required.UnionWith(active.RequiredExternals.SelectMany(lists.Expand).Select(each => each.Address.PersonKey));
        return required.ToFrozenSet();
    }
}
