using System.Buffers;

namespace ImSidecar.Protocol.Msrp;

/// <summary>One request or response held whole; what is kept of it is what came in, byte for byte.</summary>
public sealed record MsrpFrame(MsrpHead Head, ReadOnlyMemory<byte> Body, MsrpFlag Flag)
{
    public void WriteTo(IBufferWriter<byte> output)
    {
        output.Write(Head.Bytes);
        if (Head.HasBody)
        {
            output.Write("\r\n"u8);
            output.Write(Body.Span);
            output.Write("\r\n"u8);
        }

        output.Write("-------"u8);
        output.Write(Head.TransactionIdBytes);
        output.Write([(byte)Flag, (byte)'\r', (byte)'\n']);
    }
}
