using ImSidecar.Core.Rules;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Conferences;

/// <summary>What the rules of a served user have to know besides the user.</summary>
public sealed record ServedFacts
{
    /// <summary>His access rules and block list; null: they were not read, or cannot be.</summary>
    public ResolvedUser? Rules { get; init; }

    /// <summary>Why they cannot be used.</summary>
    public string RulesProblem { get; init; } = "";

    /// <summary>Users with registrations or settings on this node.</summary>
    public int OfNode { get; init; }

    /// <summary>Those of them who are registered nowhere.</summary>
    public int AbsentOfNode { get; init; }

    /// <summary>For whom a conference or list server of ours calls, if he hides from all but these rules.</summary>
    public SipUri? Hidden { get; init; }
}
