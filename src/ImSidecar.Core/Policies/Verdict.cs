namespace ImSidecar.Core.Policies;

/// <summary>What a policy says, and why if it says no.</summary>
internal readonly record struct Verdict(bool Allowed, string Reason)
{
    public static readonly Verdict Allow = new(true, "");

    public static Verdict Deny(string reason) => new(false, reason);
}
