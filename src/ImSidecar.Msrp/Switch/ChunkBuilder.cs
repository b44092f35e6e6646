using System.Buffers;
using System.Globalization;
using System.Text.Unicode;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Switch;

/// <summary>Gathers the body of a message's next chunk; head and end-line are put around it where it lies.</summary>
/// <param name="fields">Further MIME fields of the content, with their line ends.</param>
internal sealed class ChunkBuilder(string messageId, string contentType, int maxBody, string fields = "") : IDisposable
{
    // Start line, Message-ID, wishes, Byte-Range with three numbers of 18 digits and the blank line: below 260 bytes.
    private const int FixedHead = 288;
    private const int EndLineLength = 2 + 7 + MsrpIdent.FreshLength + 3;
    private const int SmallestBody = 512;
    private const string ContentType = "Content-Type: ";

    private readonly int _headroom = FixedHead + fields.Length + contentType.Length;
    private byte[]? _buffer;
    private int _body;

    /// <summary>Position in the message of the first byte gathered; the first of all is 1.</summary>
    public long Start { get; set; } = 1;

    /// <summary>Fields before Byte-Range that say what reports the sender wishes, with their line ends.</summary>
    public string Wishes { get; init; } = "";

    public int BodyLength => _body;

    public bool IsFull => _body == maxBody;

    /// <summary>At least one chunk is sealed.</summary>
    public bool HasSealed { get; private set; }

    /// <summary>Takes what fits, and says how much that was.</summary>
    public int Append(ReadOnlySpan<byte> bytes)
    {
        var taken = Math.Min(bytes.Length, maxBody - _body);
        Reserve(_body + taken);
        bytes[..taken].CopyTo(_buffer.AsSpan(_headroom + _body));
        _body += taken;
        return taken;
    }

    /// <summary>Makes a chunk of what was gathered; the next one begins behind it.</summary>
    public OutgoingChunk Seal(MsrpFlag flag, long? total)
    {
        Reserve(_body);
        var buffer = _buffer!;
        var transaction = MsrpIdent.FreshFor(buffer.AsSpan(_headroom, _body));
        var end = string.Create(CultureInfo.InvariantCulture, $"{Start + _body - 1}");
        var size = total?.ToString(CultureInfo.InvariantCulture) ?? "*";

        Span<byte> head = stackalloc byte[FixedHead];
        Utf8.TryWrite(head, CultureInfo.InvariantCulture, $"MSRP {transaction} SEND\r\n", out var startLine);
        Utf8.TryWrite(head[startLine..], CultureInfo.InvariantCulture,
            $"Message-ID: {messageId}\r\n{Wishes}Byte-Range: {Start}-{end}/{size}\r\n", out var range);

        var start = _headroom - ContentType.Length - 4 - contentType.Length - fields.Length - range - startLine;
        head[..(startLine + range)].CopyTo(buffer.AsSpan(start));
        Utf8.TryWrite(
            buffer.AsSpan(start + startLine + range), $"{fields}{ContentType}{contentType}\r\n\r\n", out _);
        Utf8.TryWrite(buffer.AsSpan(_headroom + _body), $"\r\n-------{transaction}{(char)flag}\r\n", out var endLine);

        var length = _headroom - start + _body + endLine;
        var chunk = new OutgoingChunk(buffer, start, startLine, length, PendingSends.Key(transaction));
        Start += _body;
        _body = 0;
        _buffer = null;
        HasSealed = true;
        return chunk;
    }

    /// <summary>The end of a message given up from this position on: no bytes, flag #.</summary>
    public OutgoingChunk SealAbort(long start, long? total)
    {
        _body = 0;
        Start = start;
        return Seal(MsrpFlag.Abort, total);
    }

    public void Dispose()
    {
        if (_buffer is not null)
            ArrayPool<byte>.Shared.Return(_buffer);

        _buffer = null;
        _body = 0;
    }

    private void Reserve(int body)
    {
        var needed = _headroom + body + EndLineLength;
        if (_buffer is not null && _buffer.Length >= needed)
            return;

        // Small messages get small buffers; one that grows goes to full size soon.
        var room = body <= SmallestBody ? SmallestBody : Math.Min(maxBody, body * 4);
        var larger = ArrayPool<byte>.Shared.Rent(_headroom + room + EndLineLength);
        if (_buffer is not null)
        {
            _buffer.AsSpan(_headroom, _body).CopyTo(larger.AsSpan(_headroom));
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        _buffer = larger;
    }
}
