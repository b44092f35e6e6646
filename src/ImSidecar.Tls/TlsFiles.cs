namespace ImSidecar.Tls;

/// <summary>PEM files that say who we are in TLS and whom we believe; an empty path is no file.</summary>
/// <param name="Section">The section of the configuration that names them, for complaints.</param>
/// <param name="CertificateFile">Our certificate first, then those between it and its authority.</param>
/// <param name="KeyFile">Its private key, not encrypted. Empty: it is in the file of the certificate.</param>
/// <param name="CertificateAuthorities">The authorities that we believe. Empty: those of the system.</param>
public sealed record TlsFiles(
    string Section, string CertificateFile, string KeyFile, string CertificateAuthorities)
{
    /// <summary>False: another process is the server; here it is only told which certificate it has.</summary>
    public bool NeedsKey { get; init; } = true;

    /// <summary>Those that there are.</summary>
    public IEnumerable<string> Paths =>
        new[] { CertificateFile, NeedsKey ? KeyFile : "", CertificateAuthorities }.Where(path => path.Length > 0);
}
