using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using ImSidecar.Core.Tests;
using ImSidecar.Mutation;

// Disables each guard of the rules that carries a token in turn: a test with that token must then fail.
// Arguments: the repository, built in Release; then, if wanted, parts of the names of the files to look at.
var root = Path.GetFullPath(args[0]);
var wanted = args[1..];
var tests = Path.Combine(root, "tests/ImSidecar.Core.Tests/bin/Release/net10.0");
var rules = new Rules(root, tests);
var traits = Directory.EnumerateFiles(Path.Combine(root, "tests/ImSidecar.Core.Tests"), "*.cs", SearchOption.AllDirectories)
    .SelectMany(path => Regex.Matches(File.ReadAllText(path), @"Trait\(""Spec"", ""([^""]+)""\)"))
    .SelectMany(match => SpecToken.AllIn(match.Groups[1].Value))
    .ToHashSet();
var guards = new ConcurrentQueue<Guard>(
    rules.Guards().Where(guard => wanted.Length == 0 || wanted.Any(part => guard.File.Contains(part, StringComparison.Ordinal))));
// Below the repository: the tests look for its files above themselves.
var work = Directory.CreateDirectory(Path.Combine(root, ".build", $"mutate-{Environment.ProcessId}"));
var outcomes = new ConcurrentBag<Outcome>();

try
{
    var baseline = await new TestRun(tests, Path.Combine(work.FullName, "baseline")).FailedAsync(traits);
    if (baseline is not [])
    {
        Console.Error.WriteLine($"make mutate: tests fail before anything was disabled: {string.Join(", ", baseline ?? [])}");
        return 2;
    }

    Console.WriteLine($"{guards.Count} guards with tokens");
    await Task.WhenAll(Enumerable.Range(0, Environment.ProcessorCount).Select(async worker =>
    {
        await Task.Yield();
        var run = new TestRun(tests, Path.Combine(work.FullName, $"worker{worker}"));
        while (guards.TryDequeue(out var guard))
        {
            var outcome = await Outcome.OfAsync(rules, run, guard, traits);
            outcomes.Add(outcome);
            if (!outcome.IsGood)
                Console.WriteLine(outcome);
        }
    }));
}
finally
{
    work.Delete(recursive: true);
}

var bad = outcomes.Count(each => !each.IsGood);
Console.WriteLine($"{outcomes.Count} guards disabled in turn, {outcomes.Sum(each => each.Tokens)} tokens; "
    + $"{outcomes.Count(each => each.IsCrude)} could only be made to answer nothing; {bad} not missed by a test of theirs");
return bad == 0 ? 0 : 1;
