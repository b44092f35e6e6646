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

    private ResolvedGroup(
        GroupDocument document, ImmutableArray<GroupMember> members, FrozenSet<string> keys, CompiledRules rules,
        ListExpander lists)
    {
        Document = document;
        AllMembers = members;
        _members = keys;
        _names = members.Where(member => member.DisplayName is not null)
            .ToFrozenDictionary(member => member.Address.PersonKey, member => member.DisplayName!);
        Rules = rules;
        Problems = lists.Problems;
    }

    public GroupDocument Document { get; }

    /// <summary>Entries and the users of external lists in document order, each person once.</summary>
    public ImmutableArray<GroupMember> AllMembers { get; }

    /// <summary>What could not be resolved, for the log; those concerned have no rights by it.</summary>
    public ImmutableArray<string> Problems { get; }

    internal CompiledRules Rules { get; }

    public bool IsMember(SipUri user) => _members.Contains(user.PersonKey);

    /// <summary>The name that the document gives a member; null when it gives none.</summary>
    public string? NameOf(SipUri user) => _names.GetValueOrDefault(user.PersonKey);

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
        var rules = CompiledRules.Of(document.Rules, keys, lists);
        return lists.Missing is { IsEmpty: false } missing
            ? new(null, missing)
            : new(new ResolvedGroup(document, members, keys, rules, lists), []);
    }
}
