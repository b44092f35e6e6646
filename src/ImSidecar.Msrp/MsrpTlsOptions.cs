using ImSidecar.Tls;

namespace ImSidecar.Msrp;

/// <summary>Section "MsrpTls" of the configuration: who we are for MSRP over TLS, and whom we believe.</summary>
public sealed record MsrpTlsOptions
{
    public const string Section = "MsrpTls";

    /// <summary>PEM: our certificate first, then those between it and its authority. Empty: no TLS.</summary>
    public string CertificateFile { get; init; } = "";

    /// <summary>PEM: its private key, not encrypted. Empty: it is in the file of the certificate.</summary>
    public string KeyFile { get; init; } = "";

    /// <summary>PEM: the authorities that we believe. Empty: those of the system.</summary>
    public string CertificateAuthorities { get; init; } = "";

    /// <summary>Whether who connects to the switch is asked for a certificate.</summary>
    public ClientCertificates ClientCertificates { get; init; } = ClientCertificates.Request;

    /// <summary>How long a handshake may take, RFC 8446.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often the files are looked at; a changed one is read when it stays the same for as long.</summary>
    public TimeSpan ReloadInterval { get; init; } = TimeSpan.FromSeconds(5);

    internal TlsFiles FilesFor(MsrpTlsUse? use) =>
        new(Section, CertificateFile, KeyFile, CertificateAuthorities) { NeedsKey = use is not { NeedsKey: false } };
}
