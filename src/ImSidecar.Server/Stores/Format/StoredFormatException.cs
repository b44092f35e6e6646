namespace ImSidecar.Server.Stores.Format;

/// <summary>A part that does not survive being stored, or a stored one that this release cannot read.</summary>
internal sealed class StoredFormatException(string message, Exception? inner = null) : Exception(message, inner);
