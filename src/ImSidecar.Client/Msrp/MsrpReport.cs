using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Client.Msrp;

/// <summary>A REPORT about a message of ours, RFC 4975 7.1.2.</summary>
public sealed record MsrpReport(string MessageId, int Status, ByteRange? Range);
