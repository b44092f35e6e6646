namespace ImSidecar.Msrp;

/// <summary>What a process does with the certificate of "MsrpTls".</summary>
/// <param name="NeedsKey">False: switch and relay are another process, whose certificate is only told here.</param>
public sealed record MsrpTlsUse(bool NeedsKey);
