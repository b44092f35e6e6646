using System.Diagnostics;
using System.Xml.Linq;
using ImSidecar.Core.Tests;

namespace ImSidecar.Mutation;

/// <summary>Runs the tests of some tokens in a folder of its own.</summary>
internal sealed class TestRun
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    private readonly string _folder;

    public TestRun(string tests, string folder)
    {
        _folder = folder;
        foreach (var source in Directory.EnumerateFiles(tests, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(folder, Path.GetRelativePath(tests, source));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(source, target, overwrite: true);
        }
    }

    /// <summary>Where the assembly under test is.</summary>
    public string Rules => Path.Combine(_folder, "ImSidecar.Core.dll");

    /// <summary>The tokens of the tests that failed; null if the run came to no end, which no good run does.</summary>
    public async Task<SpecToken[]?> FailedAsync(IEnumerable<SpecToken> tokens)
    {
        var results = Path.Combine(_folder, "results.xml");
        File.Delete(results);
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(_folder, "ImSidecar.Core.Tests.dll"));
        foreach (var argument in (string[])["-noLogo", "-noColor", "-reporter", "quiet", "-xml", results])
            start.ArgumentList.Add(argument);
        foreach (var token in tokens)
        {
            start.ArgumentList.Add("-trait");
            start.ArgumentList.Add($"Spec={token}");
        }

        using var process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(_patience);
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            return null;
        }

        await Task.WhenAll(output, error);
        return File.Exists(results) ? [.. Failed(XDocument.Load(results)).Distinct()] : null;
    }

    private static IEnumerable<SpecToken> Failed(XDocument results) =>
        results.Descendants("test")
            .Where(test => (string?)test.Attribute("result") == "Fail")
            .SelectMany(test => test.Descendants("trait"))
            .Where(trait => (string?)trait.Attribute("name") == "Spec")
            .SelectMany(trait => SpecToken.AllIn((string?)trait.Attribute("value") ?? ""));
}
