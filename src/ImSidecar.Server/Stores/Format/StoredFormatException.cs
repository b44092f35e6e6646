namespace ImSidecar.Server.Stores.Format;

/// <summary>A stored part that this release cannot read: written by a newer one, or damaged.</summary>
internal sealed class StoredFormatException(string message, Exception? inner = null) : Exception(message, inner);
