using System.Collections.Frozen;
using System.Collections.Immutable;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Core.Rules;

/// <summary>The access rules of a user and his block list, ready to be asked: Shared Policy and List XDM.</summary>
public sealed class ResolvedUser
{
    /// <summary>The list whose users are refused without a rule.</summary>
    public const string BlockList = "oma_blockedcontacts";

    private readonly FrozenSet<string> _blocked;

    private ResolvedUser(CompiledRules rules, FrozenSet<string> blocked, ListExpander lists)
    {
        Rules = rules;
        _blocked = blocked;
        Problems = lists.Problems;
    }

    public ImmutableArray<string> Problems { get; }

    internal CompiledRules Rules { get; }

    /// <param name="user">In canonical form, as documents are selected; his rules may refer to his lists.</param>
    /// <param name="rules">His access rules; null when he has none.</param>
    /// <param name="loaded">What has been loaded so far of the documents that earlier calls missed.</param>
    /// <param name="roots">XCAP roots that are ours; none means that each is.</param>
    public static Expansion<ResolvedUser> Expand(
        string user, RuleSet? rules, IReadOnlyDictionary<DocumentSelector, ReferencedDocument> loaded,
        ImmutableArray<string> roots = default)
    {
        var lists = new ListExpander(loaded, roots, user);
        var blocked = lists.ExpandNamed(new(ApplicationUsage.ResourceLists, user, "index"), BlockList)
            .Select(member => member.Address.PersonKey).ToFrozenSet();

        // A user is no group: is-list-member holds for nobody.
        var compiled = CompiledRules.Of(rules ?? RuleSet.Empty, FrozenSet<string>.Empty, lists);
        return lists.Missing is { IsEmpty: false } missing
            ? new(null, missing)
            : new(new ResolvedUser(compiled, blocked, lists), []);
    }

    /// <summary>True if one of his identities is in the block list, even if he hides it.</summary>
    internal bool Blocks(Requester who)
    {
        foreach (var key in who.Keys)
            if (_blocked.Contains(key))
                return true;

        return false;
    }
}
