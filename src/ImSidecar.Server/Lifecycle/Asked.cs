namespace ImSidecar.Server.Lifecycle;

/// <summary>What the command line asks for.</summary>
internal enum Asked
{
    Run,

    /// <summary>Only to say whether the configuration is well.</summary>
    Check,

    /// <summary>Only to copy the SQLite files of an earlier start into PostgreSQL.</summary>
    Import,
    Help,
    Version,
}
