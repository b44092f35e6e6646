using ImSidecar.Core.Rules;

namespace ImSidecar.Core.Policies;

/// <summary>What a policy says, and why.</summary>
public readonly record struct Verdict
{
    public static readonly Verdict Allow = new(true, "", null);

    private readonly string? _reason;
    private readonly object? _trace;

    private Verdict(bool allowed, string reason, object? trace)
    {
        Allowed = allowed;
        _reason = reason;
        _trace = trace;
    }

    public bool Allowed { get; }

    /// <summary>Why not, for the Warning: it tells the requester nothing of others. Empty when allowed.</summary>
    public string Reason => Allowed ? "" : (_trace as RuleTrace)?.Reason ?? _reason ?? "";

    /// <summary>Begins with the reason; names rule, conditions and default, for the operator.</summary>
    public string Explanation => _trace?.ToString() ?? _reason ?? "";

    public static Verdict Deny(string reason) => new(false, reason, null);

    /// <summary>The explanation says more than the requester may know.</summary>
    internal static Verdict Deny(string reason, string explanation) => new(false, reason, explanation);

    internal static Verdict Of(bool allowed, RuleTrace trace) => new(allowed, "", trace);
}
