namespace ImSidecar.Server.Stores;

/// <summary>The store as a whole cannot be used: not opened at start, or locked by another program.</summary>
internal sealed class StoreUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
