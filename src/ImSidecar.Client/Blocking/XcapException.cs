namespace ImSidecar.Client.Blocking;

/// <summary>The XDMS refused, cannot be reached or holds what cannot be read; the text is for the person.</summary>
public sealed class XcapException(string message, Exception? cause = null) : Exception(message, cause);
