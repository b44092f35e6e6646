namespace ImSidecar.Msrp;

/// <summary>Whether who connects by TLS is to show who he is.</summary>
public enum ClientCertificates
{
    /// <summary>He is not asked, so the fingerprint of his description says nothing about him.</summary>
    None,

    /// <summary>He is asked, and needs a certificate if his description has a fingerprint.</summary>
    Request,

    /// <summary>Without one he is not let in.</summary>
    Require,
}
