using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using ImSidecar.Protocol.Cpim;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Tests;

/// <summary>An MSRP endpoint at the other end: writes what a test wants, reads frame by frame.</summary>
internal sealed class Peer(PipeReader input, PipeWriter output, MsrpUri local, MsrpUri remote)
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Queue<MsrpFrame> _early = [];
    private readonly MsrpFrameReader _reader = new(maxBodyBytes: 1024 * 1024);
    private readonly MsrpPaths _paths = new([remote], local);
    private int _count;

    public MsrpPaths Paths => _paths;

    public MsrpUri Local => local;

    /// <summary>Answers each SEND with 200 as it is read.</summary>
    public bool Answers { get; set; } = true;

    public async Task WriteAsync(ReadOnlyMemory<byte> bytes) =>
        await output.WriteAsync(bytes).AsTask().WaitAsync(Patience);

    public Task WriteAsync(string text) => WriteAsync(Encoding.UTF8.GetBytes(text));

    /// <summary>Writes without waiting for a reader.</summary>
    public async Task WriteAsync(Action<IBufferWriter<byte>> write)
    {
        write(output);
        await output.FlushAsync().AsTask().WaitAsync(Patience);
    }

    /// <summary>Writes, however long that takes.</summary>
    public async Task WriteWaitingAsync(Action<IBufferWriter<byte>> write)
    {
        write(output);
        await output.FlushAsync();
    }

    /// <summary>One open-ended chunk, in pieces, however long that takes.</summary>
    public async Task SendLongAsync(ReadOnlyMemory<byte> body)
    {
        await WriteAsync(Encoding.UTF8.GetBytes(
            $"MSRP long1 SEND\r\nTo-Path: {remote}\r\nFrom-Path: {local}\r\n"
            + "Message-ID: m1\r\nByte-Range: 1-*/*\r\nContent-Type: message/cpim\r\n\r\n"));
        for (var sent = 0; sent < body.Length; sent += 50_000)
            await output.WriteAsync(body.Slice(sent, Math.Min(50_000, body.Length - sent)));

        await WriteAsync("\r\n-------long1$\r\n");
    }

    /// <summary>One chunk with this body; gives its transaction identifier.</summary>
    public async Task<string> SendAsync(
        ReadOnlyMemory<byte> body, string messageId, ByteRange range, MsrpFlag flag = MsrpFlag.Last,
        string contentType = "message/cpim", bool successReport = false,
        FailureReport failureReport = FailureReport.Yes)
    {
        var transaction = string.Create(CultureInfo.InvariantCulture, $"t{Interlocked.Increment(ref _count)}x");
        var send = new MsrpSend
        {
            Paths = _paths,
            MessageId = messageId,
            Range = range,
            ContentType = contentType,
            SuccessReport = successReport,
            FailureReport = failureReport,
        };
        await WriteAsync(output => MsrpWriter.WriteSend(output, transaction, send, body.Span, flag));
        return transaction;
    }

    /// <summary>A whole CPIM message in one chunk.</summary>
    public Task<string> SayAsync(string text, string from, string to, string type = "text/plain")
    {
        var body = Cpim(text, from, to, type);
        return SendAsync(body, "m" + Guid.NewGuid().ToString("N")[..10], new(1, body.Length, body.Length));
    }

    public static byte[] Cpim(string text, string from, string to, string type = "text/plain", bool withTime = true)
    {
        var output = new ArrayBufferWriter<byte>();
        new CpimMessage
        {
            From = new(from),
            To = [new(to)],
            DateTime = withTime ? DateTimeOffset.UnixEpoch : null,
            ContentType = type,
            Content = Encoding.UTF8.GetBytes(text),
        }.WriteTo(output);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>The next frame, whatever it is; null at the end of the connection, be it closed or reset.</summary>
    public async Task<MsrpFrame?> ReadAsync()
    {
        while (true)
        {
            ReadResult result;
            try
            {
                result = await input.ReadAsync().AsTask().WaitAsync(Patience);
            }
            catch (IOException)
            {
                return null;
            }

            var buffer = result.Buffer;
            var found = _reader.TryRead(ref buffer, out var frame);
            input.AdvanceTo(buffer.Start, found ? buffer.Start : buffer.End);
            Assert.Equal(MsrpFault.None, _reader.Fault);
            if (found)
            {
                await AnswerAsync(frame!);
                return frame;
            }

            if (result.IsCompleted)
                return null;
        }
    }

    /// <summary>The next frame that is a SEND, past answers.</summary>
    public async Task<MsrpFrame> ReadSendAsync()
    {
        if (_early.TryDequeue(out var early))
            return early;

        while (true)
        {
            var frame = await ReadAsync() ?? throw new InvalidOperationException("The connection ended");
            Assert.Equal(MsrpFault.None, frame.Head.Fault);
            if (frame.Head.Method == MsrpMethod.Send)
                return frame;
        }
    }

    /// <summary>The status that the request has which binds; what waited for us may come before it, and is not lost.</summary>
    public async Task<int> ReadBoundAsync()
    {
        while (await ReadAsync() is { } frame)
        {
            if (!frame.Head.IsRequest)
                return frame.Head.Status;

            if (frame.Head.Method == MsrpMethod.Send)
                _early.Enqueue(frame);
        }

        throw new InvalidOperationException("The connection ended");
    }

    /// <summary>The next frame that is an answer, and to which transaction.</summary>
    public async Task<(int Status, string Transaction)> ReadAnswerAsync()
    {
        while (true)
        {
            var frame = await ReadAsync() ?? throw new InvalidOperationException("The connection ended");
            if (!frame.Head.IsRequest)
                return (frame.Head.Status, frame.Head.TransactionId);
        }
    }

    public async Task AnswerAsync(MsrpFrame frame, int status = MsrpStatus.Ok)
    {
        if (Answers && frame.Head.Method == MsrpMethod.Send)
            await WriteAsync(output => MsrpWriter.TryWriteResponse(output, frame.Head, status));
    }

    /// <summary>The text in a CPIM message.</summary>
    public static string Text(MsrpFrame frame)
    {
        Assert.Equal(CpimResult.Read, CpimReader.Read(frame.Body.Span, out var head));
        return Encoding.UTF8.GetString(frame.Body.Span[head.Length..]);
    }

    /// <summary>The next message, in one chunk or several, with its ranges checked.</summary>
    public static async Task<byte[]> ReassembleAsync(Peer peer)
    {
        var body = new ArrayBufferWriter<byte>();
        string? id = null;
        while (true)
        {
            var frame = await peer.ReadSendAsync();
            Assert.Equal(id ??= frame.Head.MessageId, frame.Head.MessageId);
            Assert.Equal(body.WrittenCount + 1, frame.Head.Range!.Value.Start);
            body.Write(frame.Body.Span);
            Assert.Equal(body.WrittenCount, frame.Head.Range!.Value.End);
            Assert.NotEqual(MsrpFlag.Abort, frame.Flag);
            if (frame.Flag != MsrpFlag.Last)
                continue;

            Assert.Equal(body.WrittenCount, frame.Head.Range!.Value.Total);
            return body.WrittenSpan.ToArray();
        }
    }

    /// <summary>Says that no more comes, and reads on.</summary>
    public async Task EndAsync() => await output.CompleteAsync();

    /// <summary>Closes our half, as a peer that goes does.</summary>
    public async Task CloseAsync()
    {
        await output.CompleteAsync();
        await input.CompleteAsync();
    }
}
