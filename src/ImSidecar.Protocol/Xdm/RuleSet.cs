using System.Collections.Immutable;

namespace ImSidecar.Protocol.Xdm;

/// <summary>The rules of a group or a user in document order, RFC 4745 6.</summary>
public sealed record RuleSet(ImmutableArray<Rule> Rules)
{
    public const int MaxRules = 200;

    public static RuleSet Empty { get; } = new([]);
}

/// <summary>A rule: whoever meets all conditions gets the actions; no conditions are met by everybody.</summary>
public sealed record Rule(string Id, ImmutableArray<RuleCondition> Conditions, RuleActions Actions);
