namespace ImSidecar.Core.Conferences;

/// <summary>Where browser clients reach us for MSRP, RFC 7977: what a path URI can say of it.</summary>
public sealed record WebSocketMedia(string Host, int Port);
