namespace ImSidecar.Protocol.Msrp;

/// <summary>What <see cref="MsrpParser.Read"/> found next.</summary>
public enum MsrpToken : byte
{
    /// <summary>Nothing before more bytes come.</summary>
    NeedMore,

    /// <summary>A head: <see cref="MsrpParser.Head"/>.</summary>
    Head,

    /// <summary>A piece of the body, not necessarily the last.</summary>
    Body,

    /// <summary>The end-line: <see cref="MsrpParser.Flag"/>. The frame is over.</summary>
    End,

    /// <summary>The framing is lost: <see cref="MsrpParser.Fault"/>. Nothing more can be read.</summary>
    Fault,
}
