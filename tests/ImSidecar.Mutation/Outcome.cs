using ImSidecar.Core.Tests;

namespace ImSidecar.Mutation;

/// <summary>What the tests said to one guard less.</summary>
internal sealed record Outcome(Guard Guard, SourceEdit? Made, SpecToken[] Missed, bool IsStuck)
{
    public int Tokens => Guard.Tokens.Length;

    public bool IsCrude => Made is { IsEmptyValue: true };

    /// <summary>For each of its tokens a test with that token failed.</summary>
    public bool IsGood => Made is not null && (IsStuck || Missed.Length == 0);

    public static async Task<Outcome> OfAsync(Rules rules, TestRun run, Guard guard, IReadOnlySet<SpecToken> traits)
    {
        if (!rules.TryEmitWithout(guard, run.Rules, out var made))
            return new(guard, null, guard.Tokens, IsStuck: false);

        var asked = traits.Where(test => guard.Tokens.Any(token => token.IsProvenBy(test))).ToList();
        if (asked.Count == 0)
            return new(guard, made, guard.Tokens, IsStuck: false);

        var failed = await run.FailedAsync(asked);
        return new(
            guard, made, [.. guard.Tokens.Where(token => !(failed ?? []).Any(token.IsProvenBy))], IsStuck: failed is null);
    }

    public override string ToString() => Made is null
        ? $"{Guard}: cannot be disabled: {string.Join(", ", Guard.Tokens)}"
        : $"{Guard}: not missed as \"{Made.Value.Text.ReplaceLineEndings(" ")}\": {string.Join(", ", Missed)}";
}
