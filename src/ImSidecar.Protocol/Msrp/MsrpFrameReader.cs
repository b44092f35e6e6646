using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace ImSidecar.Protocol.Msrp;

/// <summary>Collects whole frames out of a byte stream, for those who hold small ones in memory anyway.</summary>
public sealed class MsrpFrameReader(int maxBodyBytes, int maxHeadBytes = MsrpParser.DefaultMaxHeadBytes)
{
    private readonly MsrpParser _parser = new(maxHeadBytes);
    private readonly ArrayBufferWriter<byte> _body = new();

    /// <summary>Not None: the framing is lost, and so is the connection.</summary>
    public MsrpFault Fault => _parser.Fault;

    /// <summary>The body of a frame was longer than allowed; nothing more is read.</summary>
    public bool IsTooLong { get; private set; }

    /// <summary>False between two frames; a stream that ends then was cut.</summary>
    public bool IsInsideFrame => !_parser.IsBetweenFrames;

    /// <summary>False: more is needed, or <see cref="Fault"/> or <see cref="IsTooLong"/> says why never.</summary>
    public bool TryRead(ref ReadOnlySequence<byte> buffer, [NotNullWhen(true)] out MsrpFrame? frame)
    {
        frame = null;
        while (!IsTooLong)
        {
            switch (_parser.Read(ref buffer, out var body))
            {
                case MsrpToken.Body:
                    Take(body);
                    break;

                case MsrpToken.End:
                    frame = new(_parser.Head!, _body.WrittenSpan.ToArray(), _parser.Flag);
                    _body.ResetWrittenCount();
                    return true;

                case MsrpToken.NeedMore or MsrpToken.Fault:
                    return false;
            }
        }

        return false;
    }

    private void Take(in ReadOnlySequence<byte> body)
    {
        if (IsTooLong = body.Length > maxBodyBytes - _body.WrittenCount)
            return;

        foreach (var memory in body)
            _body.Write(memory.Span);
    }
}
