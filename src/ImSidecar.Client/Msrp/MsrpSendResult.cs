namespace ImSidecar.Client.Msrp;

/// <summary>What came of a message: its first status that is not 200; 408 for none, 0 if none was wanted.</summary>
public sealed record MsrpSendResult(string MessageId, int Status, int Chunks)
{
    public bool IsSuccess => Status is 0 or 200;
}
