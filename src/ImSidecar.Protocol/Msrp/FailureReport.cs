namespace ImSidecar.Protocol.Msrp;

/// <summary>Failure-Report header field, RFC 4975 7.1.2: which answers the sender of a SEND wants.</summary>
public enum FailureReport : byte
{
    /// <summary>Every answer, and a report when there is none. What holds without the field.</summary>
    Yes,

    /// <summary>Answers other than 200 only.</summary>
    Partial,

    /// <summary>No answer at all.</summary>
    No,
}
