namespace ImSidecar.Cli;

/// <summary>
/// The sidecar did not answer, or not with what was asked for; the message is for the operator, in one line whatever
/// the peer or the platform said.
/// </summary>
internal sealed class AdminException(string message, bool isUsage = false) : Exception(OneLine(message))
{
    /// <summary>The question was wrong, not the world.</summary>
    public bool IsUsage { get; } = isUsage;

    private static string OneLine(string text) =>
        string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c)).Trim();
}
