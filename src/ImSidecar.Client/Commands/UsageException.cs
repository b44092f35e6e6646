namespace ImSidecar.Client.Commands;

/// <summary>A command line or a command that says something impossible; the text is for the person.</summary>
internal sealed class UsageException(string message) : Exception(message);
