using ImSidecar.Server.Stores.Format;

namespace ImSidecar.Server.Hosting;

/// <summary>The stored conference is not readable: nothing can be done for it, not even giving an event up.</summary>
internal sealed class UnreadableConferenceException(StoredFormatException cause) : Exception(cause.Message, cause);
