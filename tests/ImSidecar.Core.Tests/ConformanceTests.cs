using System.Reflection;
using System.Text.RegularExpressions;
using Xunit.v3;

namespace ImSidecar.Core.Tests;

/// <summary>
/// Keeps the conformance table of tests/README.md true: tokens in the rules, traits on the tests, rows, files.
/// </summary>
public partial class ConformanceTests
{
    private static readonly List<SpecToken> cited =
        [.. new[] { "src/ImSidecar.Core", "src/ImSidecar.Client" }.SelectMany(Repository.Sources)
            .SelectMany(source => SpecToken.AllIn(Repository.Read(source)))
            .Distinct()];

    private static readonly List<SpecToken> proven = [.. Proven().Distinct()];

    private static readonly List<SpecToken> shown =
        [.. Traits(IsOnTheWire).Distinct()];

    private static readonly List<SpecToken> tested = [.. proven.Union(shown)];

    private static readonly List<Requirement> requirements =
        [.. Repository.Read("tests/vectors/requirements.csv").Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1)
            .Select(Requirement.Parse)];

    private static readonly List<Row> rows = [.. TableRow().Matches(Repository.Read("tests/README.md")).Select(Row.Of)];

    public static TheoryData<string> Sections => [.. requirements.Select(each => each.Token.Section).Distinct()];

    private sealed record Requirement(SpecToken Token, string Level)
    {
        // What the SIP core does for us (ims) is in no rule.
        public bool WantsProof => Level is "SHALL" or "SHOULD" && Token.Step != "ims";

        // What the informative flows tell is shown step by step.
        public bool WantsToBeShown => Level != "INFO" || Token.Section.StartsWith("D.", StringComparison.Ordinal);

        public static Requirement Parse(string line) =>
            CsvLine().Match(line) is { Success: true } match
                ? new(new(match.Groups["section"].Value, match.Groups["step"].Value), match.Groups["level"].Value)
                : throw new FormatException(line);
    }

    private sealed record Row(string Section, string[] Files, string Status, SpecToken[] Open)
    {
        public static Row Of(Match match)
        {
            var section = match.Groups["section"].Value;
            var open = match.Groups["open"].Value.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);
            return new(
                section,
                [.. Link().Matches(match.Groups["files"].Value).Select(link => link.Groups["path"].Value)],
                match.Groups["status"].Value,
                [.. open.Select(step => new SpecToken(section, step))]);
        }
    }

    [Fact]
    public void Every_step_that_the_rules_cite_has_a_test() =>
        AssertNone(cited.Where(token => !tested.Exists(token.IsProvenBy)));

    [Fact]
    public void Every_step_that_is_cited_or_tested_exists()
    {
        var known = requirements.Select(each => each.Token.Section).ToHashSet();

        AssertNone(cited.Concat(tested)
            .Where(token => token.Step.Length > 0 && known.Contains(token.Section))
            .Where(token => !requirements.Exists(each => token.Covers(each.Token))));
    }

    [Theory, MemberData(nameof(Sections))]
    public void Every_section_has_a_row_with_files_that_exist(string section)
    {
        var row = Assert.Single(rows, row => row.Section == section);

        Assert.Matches("^(done|part|open \\([^)]+\\))$", row.Status);
        Assert.All(row.Files, file => Assert.True(Repository.Has("tests/" + file), file));
        Assert.True(
            row.Files.Length >= 2 || row.Status.StartsWith("open", StringComparison.Ordinal), "Source and test file");
    }

    [Theory, MemberData(nameof(Sections))]
    public void A_row_names_the_steps_that_are_open_and_all_others_have_their_rule_and_their_tests(string section)
    {
        var row = Assert.Single(rows, row => row.Section == section);
        if (row.Status.StartsWith("open", StringComparison.Ordinal))
        {
            Assert.DoesNotContain(tested, token => token.Section == section);
            return;
        }

        Assert.Equal(row.Status == "part", row.Open.Length > 0);
        AssertNone(Lacking(row, each => each.WantsProof, cited));
        AssertNone(Lacking(row, each => each.WantsProof, proven));
        AssertNone(Lacking(row, each => each.WantsToBeShown, shown));
        Assert.All(row.Open, open =>
        {
            Assert.Contains(requirements, each => open.Covers(each.Token));
            Assert.False(proven.Contains(open) && shown.Contains(open), $"{open} has its tests");
        });
    }

    private static IEnumerable<SpecToken> Lacking(
        Row row, Func<Requirement, bool> wants, IReadOnlyList<SpecToken> tests) =>
        requirements
            .Where(each => each.Token.Section == row.Section && wants(each))
            .Where(each => !row.Open.Any(token => token.Covers(each.Token)))
            .Select(each => each.Token)
            .Where(step => !tests.Any(token => token.Covers(step)));

    private static void AssertNone(IEnumerable<SpecToken> tokens) => Assert.Equal("", string.Join(", ", tokens));

    // Traits of this assembly's tests, and those in the sources of the other suites without a network.
    private static IEnumerable<SpecToken> Proven() =>
        typeof(ConformanceTests).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods())
            .Where(method => method.GetCustomAttributes().Any(each => each is IFactAttribute))
            .SelectMany(method => method.GetCustomAttributes<TraitAttribute>())
            .Where(trait => trait.Name == "Spec")
            .SelectMany(trait => SpecToken.AllIn(trait.Value))
            .Concat(Traits(source =>
                !source.StartsWith("tests/ImSidecar.Core.Tests/", StringComparison.Ordinal) && !IsOnTheWire(source)));

    // The client's own tests are those of a unit; it has no wire but loopback.
    private static bool IsOnTheWire(string source) =>
        source.StartsWith("tests/ImSidecar.EndToEnd.Tests/", StringComparison.Ordinal)
        && !source.StartsWith("tests/ImSidecar.EndToEnd.Tests/Client/", StringComparison.Ordinal);

    private static IEnumerable<SpecToken> Traits(Predicate<string> isWanted) =>
        Repository.Sources("tests")
            .Where(source => isWanted(source))
            .SelectMany(source => Trait().Matches(Repository.Read(source)))
            .SelectMany(match => SpecToken.AllIn(match.Groups["token"].Value));

    [GeneratedRegex(@"Trait\(""Spec"", ""(?<token>[^""]+)""\)")]
    private static partial Regex Trait();

    [GeneratedRegex(@"^(?<section>[\d.]+|M|D\.\d),(""[^""]*""|[^,]*),(?<step>[^,]*),(?<level>[A-Z]+),")]
    private static partial Regex CsvLine();

    [GeneratedRegex(
        @"^\| (?<section>\d[\d.]+|M|D\.\d) [^|]*\|(?<files>[^|]*\|[^|]*)\| (?<status>[^|]*?) +\|(?<open>[^|]*)\|",
        RegexOptions.Multiline)]
    private static partial Regex TableRow();

    [GeneratedRegex(@"\]\((?<path>[^)]+)\)")]
    private static partial Regex Link();
}
