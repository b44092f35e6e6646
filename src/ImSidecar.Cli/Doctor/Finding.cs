namespace ImSidecar.Cli.Doctor;

/// <summary>What one check found, and what to do about it; nothing when all is well.</summary>
internal sealed record Finding(string Check, Level Level, string Text, string Remedy = "")
{
    public static Finding Ok(string check, string text) => new(check, Level.Ok, text);

    public static Finding Warn(string check, string text, string remedy) => new(check, Level.Warn, text, remedy);

    public static Finding Fail(string check, string text, string remedy) => new(check, Level.Fail, text, remedy);
}

/// <summary>How bad it is: a warning may be what the operator wants.</summary>
internal enum Level
{
    Ok,
    Warn,
    Fail,
}
