namespace ImSidecar.Msrp;

/// <summary>Who the MSRP plane is in TLS, RFC 4975 14.4.</summary>
public interface IMsrpIdentity
{
    /// <summary>Of the certificate that who connects now sees, as a=fingerprint says it; empty: there is none.</summary>
    string Fingerprint { get; }

    /// <summary>When that certificate ends; null: there is none.</summary>
    DateTimeOffset? CertificateEnds => null;
}
