using System.Globalization;

namespace ImSidecar.EndToEnd.Tests.Chaos;

/// <summary>People talk while the sidecar and Kamailio die and freeze at random points.</summary>
[Collection(ChaosProfileUsers.Name)]
public sealed class ChaosTests(ChaosProfile profile)
{
    private const int Longest = 30;

    [Fact]
    public Task A_few_rounds() => RunAsync(TimeSpan.FromSeconds(25), seed: 3);

    /// <summary>`make chaos`: IMSIDECAR_CHAOS_MINUTES and IMSIDECAR_CHAOS_SEED.</summary>
    [Fact(Explicit = true)]
    public Task As_long_as_asked()
    {
        var minutes = Math.Clamp(Setting("MINUTES") ?? 3, 1, Longest);
        return RunAsync(TimeSpan.FromMinutes(minutes), Setting("SEED") ?? Random.Shared.Next(1, 1_000_000));
    }

    private static int? Setting(string name) =>
        int.TryParse(
            Environment.GetEnvironmentVariable("IMSIDECAR_CHAOS_" + name), CultureInfo.InvariantCulture, out var value)
            ? value
            : null;

    private async Task RunAsync(TimeSpan time, int seed)
    {
        await using var run = new ChaosRun(profile, seed, Say);
        try
        {
            await run.RunAsync(time);
        }
        catch
        {
            profile.KeepsTraces = true;
            Say($"the seed was {seed}");
            throw;
        }
    }

    private static void Say(string line) => TestContext.Current.SendDiagnosticMessage("{0}", line);
}
