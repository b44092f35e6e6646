using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Client.Msrp;

/// <summary>A SEND as it came in, before reassembly.</summary>
public sealed record MsrpChunk(MsrpHead Head, int BodyLength, MsrpFlag Flag);
