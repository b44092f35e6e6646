namespace ImSidecar.EndToEnd.Tests.Harness;

/// <summary>How a profile differs from the demo's.</summary>
internal sealed record ProfileOptions
{
    /// <summary>Keys of the sidecar's configuration, "--Section:Key=value"; the last one counts.</summary>
    public IReadOnlyList<string> Sidecar { get; init; } = [];

    /// <summary>For the environment of the sidecar, "NAME=value".</summary>
    public IReadOnlyList<string> Environment { get; init; } = [];

    /// <summary>What a failure in the logs may say, for the profile is made to fail.</summary>
    public IReadOnlyList<string> ExpectedFailures { get; init; } = [];

    /// <summary>Arguments of Kamailio.</summary>
    public IReadOnlyList<string> Kamailio { get; init; } = [];

    /// <summary>Where Kamailio finds the sidecar; null: at its Unix socket.</summary>
    public string? Target { get; init; }

    /// <summary>Given the folder of the profile, the file that Kamailio reads instead of the demo's.</summary>
    public Func<string, string>? KamailioConfiguration { get; init; }

    public int SharedMegabytes { get; init; } = 256;

    /// <summary>False where so much goes over the wire that looking at all of it would take minutes.</summary>
    public bool Captures { get; init; } = true;
}
