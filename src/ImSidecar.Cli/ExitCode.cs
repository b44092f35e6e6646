namespace ImSidecar.Cli;

/// <summary>What the process tells a script.</summary>
internal static class ExitCode
{
    public const int Allowed = 0;
    public const int Denied = 1;
    public const int Usage = 2;

    /// <summary>The sidecar cannot be reached, or does not know what was asked about.</summary>
    public const int NoAnswer = 3;
}
