namespace ImSidecar.Cli;

/// <summary>The sidecar did not answer, or not with what was asked for; the message is for the operator.</summary>
internal sealed class AdminException(string message, bool isUsage = false) : Exception(message)
{
    /// <summary>The question was wrong, not the world.</summary>
    public bool IsUsage { get; } = isUsage;
}
