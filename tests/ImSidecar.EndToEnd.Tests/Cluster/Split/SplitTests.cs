using System.Globalization;

namespace ImSidecar.EndToEnd.Tests.Cluster.Split;

/// <summary>
/// Each link between two Kamailios, two sidecars and PostgreSQL is cut in turn under load: never are there two owners.
/// </summary>
[Collection(SplitTests.Alone)]
public sealed class SplitTests
{
    internal const string Alone = "split";

    /// <summary>`make split`: IMSIDECAR_SPLIT_ROUNDS and IMSIDECAR_SPLIT_SEED.</summary>
    [Fact(Explicit = true)]
    public async Task As_many_rounds_as_asked()
    {
        var seed = Setting("SEED") ?? Random.Shared.Next(1, 1_000_000);
        // No fixture: that would be made, and change the network, also when nobody asks for this.
        await using var profile = new SplitProfile();
        await profile.InitializeAsync();
        await using var run = new SplitRun(profile, seed, Say);
        try
        {
            await run.RunAsync(Setting("ROUNDS") ?? Cut.All.Count);
        }
        catch (Exception failure)
        {
            // What the logs hold against it may be told in its place.
            profile.KeepsTraces = true;
            Say($"the seed was {seed}: {failure.Message}");
            throw;
        }
    }

    private static int? Setting(string name) =>
        int.TryParse(
            Environment.GetEnvironmentVariable("IMSIDECAR_SPLIT_" + name), CultureInfo.InvariantCulture, out var value)
            ? value
            : null;

    private static void Say(string line) => TestContext.Current.SendDiagnosticMessage("{0}", line);
}

/// <summary>It runs alone: everything on the machine is its own.</summary>
[CollectionDefinition(SplitTests.Alone, DisableParallelization = true)]
public sealed class SplitTestsAlone;
