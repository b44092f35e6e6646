namespace ImSidecar.Protocol.Msrp;

/// <summary>Continuation flag of an end-line, RFC 4975 7.1.</summary>
public enum MsrpFlag : byte
{
    /// <summary>The message is complete.</summary>
    Last = (byte)'$',

    /// <summary>More chunks of the message follow.</summary>
    More = (byte)'+',

    /// <summary>The message is given up; what came of it is to be thrown away.</summary>
    Abort = (byte)'#',
}
