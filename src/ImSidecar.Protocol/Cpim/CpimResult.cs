namespace ImSidecar.Protocol.Cpim;

/// <summary>What came of reading a CPIM header block.</summary>
public enum CpimResult : byte
{
    Read,

    /// <summary>Right so far, but its end is not here yet.</summary>
    NeedMore,

    Malformed,
}
