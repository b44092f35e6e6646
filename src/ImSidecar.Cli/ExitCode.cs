using ImSidecar.Cli.Calls;

namespace ImSidecar.Cli;

/// <summary>What the process tells a script.</summary>
internal static class ExitCode
{
    public const int Done = 0;
    public const int Allowed = 0;
    public const int Denied = 1;

    /// <summary>The sidecar refused, or all is not well.</summary>
    public const int Refused = 1;
    public const int Usage = 2;

    /// <summary>The sidecar cannot be reached; of policy, user, deferred and msrp also: it does not know.</summary>
    public const int NoAnswer = 3;
    public const int NotFound = 4;

    /// <summary>Ctrl+C or SIGTERM came before it was done.</summary>
    public const int Interrupted = 130;

    public static int Of(AdminException failure) => failure.Failure switch
    {
        Failure.Usage => Usage,
        Failure.Unreachable => NoAnswer,
        Failure.NotFound => NotFound,
        _ => Refused,
    };

    /// <summary>Of the commands that were there first.</summary>
    public static int OfAnswer(AdminException failure) => failure.Failure == Failure.Usage ? Usage : NoAnswer;
}
