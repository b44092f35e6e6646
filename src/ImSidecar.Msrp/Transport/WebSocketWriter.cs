using System.Buffers;
using System.IO.Pipelines;
using System.Net.WebSockets;
using System.Text.Unicode;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Transport;

/// <summary>Each frame of MSRP is one message of the WebSocket, RFC 7977 5.</summary>
internal sealed class WebSocketWriter(WebSocket socket, PipeReader frames)
{
    private const int MaxHeadBytes = 1024 * 1024;

    private readonly MsrpParser _parser = new(MaxHeadBytes);
    private bool _isInside;
    private volatile bool _isText;

    /// <summary>The peer writes text: then it gets text, as far as it is some.</summary>
    public bool IsText
    {
        get => _isText;
        set => _isText = value;
    }

    /// <summary>Runs until all is written, or the peer is gone: then who writes is told so.</summary>
    public async Task RunAsync()
    {
        try
        {
            while (await WriteAsync(await frames.ReadAsync().ConfigureAwait(false)).ConfigureAwait(false))
            {
                // As long as there is something.
            }
        }
        catch (Exception failure) when (failure is WebSocketException or IOException or OperationCanceledException
            or ObjectDisposedException)
        {
            // The reader of the WebSocket sees the same.
        }
        finally
        {
            await frames.CompleteAsync().ConfigureAwait(false);
        }
    }

    private async Task<bool> WriteAsync(ReadResult read)
    {
        var rest = read.Buffer;
        var unsent = rest;
        for (var token = _parser.Read(ref rest, out _);
            token is not MsrpToken.NeedMore;
            token = _parser.Read(ref rest, out _))
        {
            if (token == MsrpToken.Fault)
                throw new IOException("What is to be written is no MSRP");

            if (token != MsrpToken.End)
                continue;

            await SendAsync(unsent.Slice(0, rest.Start), isEnd: true).ConfigureAwait(false);
            unsent = rest;
        }

        // A long frame goes as it comes.
        if (unsent.Slice(0, rest.Start) is { IsEmpty: false } part)
            await SendAsync(part, isEnd: false).ConfigureAwait(false);

        frames.AdvanceTo(rest.Start, rest.End);
        return !read.IsCompleted;
    }

    private async Task SendAsync(ReadOnlySequence<byte> bytes, bool isEnd)
    {
        var type = !_isInside && isEnd && _isText && IsUtf8(bytes)
            ? WebSocketMessageType.Text
            : WebSocketMessageType.Binary;
        _isInside = !isEnd;
        while (true)
        {
            var piece = bytes.First;
            bytes = bytes.Slice(piece.Length);
            await socket.SendAsync(piece, type, isEnd && bytes.IsEmpty, CancellationToken.None).ConfigureAwait(false);
            if (bytes.IsEmpty)
                return;
        }
    }

    private static bool IsUtf8(in ReadOnlySequence<byte> bytes) =>
        Utf8.IsValid(bytes.IsSingleSegment ? bytes.FirstSpan : bytes.ToArray());
}
