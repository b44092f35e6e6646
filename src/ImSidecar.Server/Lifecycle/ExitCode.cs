namespace ImSidecar.Server.Lifecycle;

/// <summary>How the process ends, by sysexits.h; README, "Configuration".</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>EX_USAGE: wrong arguments.</summary>
    public const int Usage = 64;

    /// <summary>EX_UNAVAILABLE: a door, a store or a file cannot be had now; it may be had later.</summary>
    public const int Unavailable = 69;

    /// <summary>EX_SOFTWARE: a bug.</summary>
    public const int Bug = 70;

    /// <summary>EX_CONFIG: the configuration is wrong; trying again does not mend it.</summary>
    public const int Configuration = 78;
}
