namespace ImSidecar.Protocol.Mime;

/// <summary>What came of undoing a Content-Encoding, RFC 3261 20.12.</summary>
public enum DecodeOutcome
{
    Decoded,

    /// <summary>To be answered 415 with Accept-Encoding.</summary>
    UnknownCoding,

    /// <summary>To be answered 413: the content is larger than the limit.</summary>
    TooLarge,

    /// <summary>To be answered 400.</summary>
    Malformed,
}
