namespace ImSidecar.Core.Conferences;

/// <summary>How peers reach us by TLS: the port, and what our certificate hashes to now, RFC 8122.</summary>
public sealed record SecureMedia(int Port, string Fingerprint);
