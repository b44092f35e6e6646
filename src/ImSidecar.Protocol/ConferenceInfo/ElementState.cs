namespace ImSidecar.Protocol.ConferenceInfo;

/// <summary>How much of an element a document tells, RFC 4575 4.6 and 5.</summary>
public enum ElementState
{
    Full,
    Partial,
    Deleted,
}
