namespace ImSidecar.Protocol.Msrp;

/// <summary>What is wrong with what a peer wrote; the first group loses the framing, and the connection.</summary>
public enum MsrpFault : byte
{
    None,

    // No frame can be found any more.
    StartLine,
    HeadTooLong,
    EndLine,

    // The frame is found, its head is not right: 400.
    HeaderLine,
    DuplicateHeader,
    Paths,
    MessageId,
    ByteRange,
    Report,
    StatusHeader,
    ContentType,
}
