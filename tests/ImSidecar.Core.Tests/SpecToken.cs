using System.Text.RegularExpressions;

namespace ImSidecar.Core.Tests;

/// <summary>A citation of the specification: IM 7.2.1.4/3, IM M/5, IM D.1/3, or IM 11.1 for a section without steps.</summary>
internal readonly partial record struct SpecToken(string Section, string Step)
{
    public static IEnumerable<SpecToken> AllIn(string text) =>
        Pattern().Matches(text)
            .Select(match => new SpecToken(match.Groups["section"].Value, match.Groups["step"].Value));

    /// <summary>
    /// True if a test with that token proves this one: the same step, or any step of a section cited as a whole.
    /// </summary>
    public bool IsProvenBy(SpecToken test) => Section == test.Section && (Step == test.Step || Step.Length == 0);

    /// <summary>
    /// True for the step itself and for the parts that a table makes of it: 2 stands for 2-a and 2-b.
    /// </summary>
    public bool Covers(SpecToken step) =>
        Section == step.Section
        && (Step == step.Step || step.Step.StartsWith(Step + "-", StringComparison.Ordinal));

    public override string ToString() => Step.Length == 0 ? $"IM {Section}" : $"IM {Section}/{Step}";

    [GeneratedRegex(@"\bIM (?<section>\d+(\.\d+)+|M\b|D\.\d)(/(?<step>[0-9A-Za-z]+(-[0-9A-Za-z]+)*))?")]
    private static partial Regex Pattern();
}
