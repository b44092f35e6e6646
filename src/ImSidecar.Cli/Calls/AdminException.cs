namespace ImSidecar.Cli.Calls;

/// <summary>
/// The sidecar did not answer, or not with what was asked for; the message is for the operator, in one line whatever
/// the peer or the platform said.
/// </summary>
internal sealed class AdminException(string message, Failure failure) : Exception(Terminal.PlainText.Of(message).Trim())
{
    public Failure Failure { get; } = failure;
}

/// <summary>Whose fault it is.</summary>
internal enum Failure
{
    Refused,
    Usage,
    NotFound,
    Unreachable,
}
