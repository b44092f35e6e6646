namespace ImSidecar.Server.Lifecycle;

/// <summary>What the command line asks for.</summary>
internal enum Asked
{
    Run,

    /// <summary>Only to say whether the configuration is well.</summary>
    Check,
    Help,
    Version,
}
