namespace ImSidecar.EndToEnd.Tests.Chaos;

/// <summary>What happens to the server in the middle of a round.</summary>
internal enum Disaster
{
    SidecarKilled,
    SidecarStopped,
    SidecarFrozen,
    KamailioKilled,
    KamailioFrozen,
    LinkFrozen,
    BothKilled,
}

internal static class Disasters
{
    // The sidecar's own death is what it must be best at.
    private static readonly Disaster[] _likely =
    [
        Disaster.SidecarKilled, Disaster.SidecarKilled, Disaster.SidecarKilled, Disaster.SidecarStopped,
        Disaster.SidecarFrozen, Disaster.KamailioKilled, Disaster.KamailioKilled, Disaster.KamailioFrozen,
        Disaster.LinkFrozen, Disaster.BothKilled,
    ];

    /// <summary>One after the other first, so that a short run sees each; then at random.</summary>
    public static Disaster Choose(int round, Random random) =>
        round <= (int)Disaster.BothKilled + 1 ? (Disaster)(round - 1) : _likely[random.Next(_likely.Length)];

    /// <summary>INVITEs that were under way have ended without anybody's knowing.</summary>
    public static bool LosesTransactions(this Disaster disaster) =>
        disaster is Disaster.KamailioKilled or Disaster.BothKilled;

    /// <summary>It happens, and is over when everything is up again.</summary>
    public static async Task StrikeAsync(this Disaster disaster, ChaosProfile profile, Random random)
    {
        switch (disaster)
        {
            case Disaster.SidecarKilled:
                await profile.KillSidecarAsync();
                break;
            case Disaster.SidecarStopped:
                Assert.Equal(0, await profile.StopSidecarAsync());
                break;
            case Disaster.SidecarFrozen:
                await WhileAsync(profile.FreezeSidecar(), random);
                break;
            case Disaster.KamailioKilled:
                await profile.KillKamailioAsync();
                break;
            case Disaster.KamailioFrozen:
                await WhileAsync(profile.FreezeKamailio(), random);
                break;
            case Disaster.LinkFrozen:
                await WhileAsync(profile.FreezeLink(), random);
                break;
            case Disaster.BothKilled:
                await profile.KillSidecarAsync();
                await profile.KillKamailioAsync();
                break;
        }

        await profile.LaunchSidecarAsync();
        await profile.StartKamailioAsync();
    }

    // Shorter than a keepalive, and longer.
    private static async Task WhileAsync(IDisposable frozen, Random random)
    {
        using (frozen)
            await Task.Delay(random.Next(2) == 0 ? random.Next(200, 2000) : 7000);
    }
}
