namespace ImSidecar.Server.Xdm.Remote;

/// <summary>What the XDMS says of a document.</summary>
internal abstract record XcapAnswer
{
    private protected XcapAnswer()
    {
    }
}

/// <summary>Here it is; the tag as it goes into If-None-Match, null when the XDMS gave none.</summary>
internal sealed record DocumentFound(string? Tag, ReadOnlyMemory<byte> Content) : XcapAnswer;

/// <summary>It is still the one that we have.</summary>
internal sealed record DocumentUnchanged : XcapAnswer;

/// <summary>There is none.</summary>
internal sealed record DocumentAbsent : XcapAnswer;
