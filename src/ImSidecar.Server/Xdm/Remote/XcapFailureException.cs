namespace ImSidecar.Server.Xdm.Remote;

/// <summary>Why there is no answer: what it means for the next request.</summary>
internal enum XcapFailure
{
    /// <summary>No connection, no answer in time, a broken one, or an error of the XDMS: worth another try.</summary>
    Unreachable,

    /// <summary>It does not know us: no document can be had, and asking again changes nothing.</summary>
    Unauthorized,

    /// <summary>This document cannot be had; others can.</summary>
    Refused,

    /// <summary>This document has become unusable, whatever it was before.</summary>
    Unusable,
}

/// <summary>A GET without a usable answer; the message is for logs and holds nothing of the document.</summary>
internal sealed class XcapFailureException(XcapFailure failure, string message, Exception? inner = null)
    : Exception(message, inner)
{
    public XcapFailure Failure => failure;
}
