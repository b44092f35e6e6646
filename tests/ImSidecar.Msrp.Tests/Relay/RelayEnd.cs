using System.Buffers;
using System.Collections.Immutable;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Tests.Relay;

/// <summary>An endpoint at a relay, or at the end of a path: writes what a test wants, reads frame by frame.</summary>
internal sealed class RelayEnd : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private static int _count;

    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly Stream _stream;
    private readonly PipeReader _input;
    private readonly MsrpFrameReader _frames = new(maxBodyBytes: 1024 * 1024);

    public RelayEnd(Stream stream, MsrpUri local)
    {
        (_stream, Local) = (stream, local);
        _input = PipeReader.Create(_stream);
    }

    private RelayEnd(Socket socket, MsrpUri local)
        : this(new NetworkStream(socket, ownsSocket: true), local) => socket.NoDelay = true;

    public MsrpUri Local { get; }

    /// <summary>What AUTH gave, in the order of a To-Path.</summary>
    public ImmutableArray<MsrpUri> UsePath { get; private set; } = [];

    /// <summary>Our path as a description says it: the outermost relay first.</summary>
    public ImmutableArray<MsrpUri> Path => [.. UsePath.Reverse(), Local];

    /// <summary>Answers each SEND with this; 0: with nothing.</summary>
    public int Answer { get; set; } = MsrpStatus.Ok;

    public static async Task<RelayEnd> ConnectAsync(int port, string name)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync("127.0.0.1", port);
        return new(socket, new("127.0.0.1", 9, name + Interlocked.Increment(ref _count)));
    }

    /// <summary>The same endpoint by another connection.</summary>
    public static async Task<RelayEnd> ConnectAsync(int port, RelayEnd former)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync("127.0.0.1", port);
        return new(socket, former.Local) { UsePath = former.UsePath };
    }

    /// <summary>Who is connected to at that listener next.</summary>
    public static async Task<RelayEnd> AcceptAsync(TcpListener listener, MsrpUri local) =>
        new(await listener.AcceptSocketAsync().WaitAsync(_patience), local);

    /// <summary>AUTH to this relay, through those we have a session at already.</summary>
    public async Task JoinAsync(MsrpUri relay, string user)
    {
        var granted = await AuthAsync(relay, user);
        Assert.Equal(MsrpStatus.Ok, granted.Head.Status);
        Assert.True(MsrpUri.TryParsePath(Encoding.ASCII.GetBytes(granted.Head.Find("Use-Path")!), out var path));
        UsePath = path;
    }

    /// <summary>AUTH with the answer to the challenge; what came of it.</summary>
    public Task<MsrpFrame> AuthAsync(
        MsrpUri relay, string user, string? password = null, string fields = "", string algorithm = "SHA-256") =>
        AuthAsync([.. UsePath.TakeWhile(each => each != relay), relay], user, password, fields, algorithm);

    /// <summary>The same, past the relays we have.</summary>
    public Task<MsrpFrame> AuthDirectAsync(MsrpUri relay, string user) =>
        AuthAsync([relay], user, null, "", "SHA-256");

    private async Task<MsrpFrame> AuthAsync(
        ImmutableArray<MsrpUri> to, string user, string? password, string fields, string algorithm)
    {
        var challenge = await AskAsync("AUTH", to, fields);
        if (challenge.Head.Status != MsrpStatus.Unauthorized)
            return challenge;

        var wanted = challenge.Head.Fields.First(each => each.Value.Contains($"algorithm={algorithm},"));
        var answer = Digest(wanted.Value, to[^1], user, password ?? RelayHost.Password(user), algorithm);
        return await AskAsync("AUTH", to, $"{fields}Authorization: {answer}\r\n");
    }

    public static string Digest(
        string challenge, MsrpUri relay, string user, string password, string algorithm = "SHA-256")
    {
        var nonce = challenge.Split("nonce=\"")[1].Split('"')[0];
        var proof = Hash(
            $"{Hash($"{user}:{RelayHost.Realm}:{password}")}:{nonce}:00000001:abc:auth:{Hash($"AUTH:{relay}")}");
        return $"Digest username=\"{user}\", realm=\"{RelayHost.Realm}\", nonce=\"{nonce}\", qop=auth, nc=00000001, "
            + $"cnonce=\"abc\", response=\"{proof}\", algorithm={algorithm}";

#pragma warning disable CA5351
        string Hash(string text)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            return Convert.ToHexStringLower(algorithm == "MD5" ? MD5.HashData(bytes) : SHA256.HashData(bytes));
        }
#pragma warning restore CA5351
    }

    /// <summary>A request without body, and its answer.</summary>
    public async Task<MsrpFrame> AskAsync(string method, IEnumerable<MsrpUri> to, string fields = "")
    {
        var id = MsrpIdent.Fresh();
        await WriteAsync(
            $"MSRP {id} {method}\r\nTo-Path: {string.Join(' ', to)}\r\nFrom-Path: {Local}\r\n{fields}-------{id}$\r\n");
        var answer = await ReadAsync();
        Assert.Equal(id, answer.Head.TransactionId);
        return answer;
    }

    /// <summary>One chunk to this path, through our relays; its transaction.</summary>
    public async Task<string> SendAsync(
        IEnumerable<MsrpUri> to, ReadOnlyMemory<byte> body, string messageId = "m1234", ByteRange? range = null,
        MsrpFlag flag = MsrpFlag.Last, FailureReport failureReport = FailureReport.Yes, bool successReport = false)
    {
        var id = MsrpIdent.FreshFor(body.Span);
        var output = new ArrayBufferWriter<byte>();
        MsrpWriter.WriteSend(
            output, id,
            new()
            {
                Paths = new([.. UsePath, .. to], Local),
                MessageId = messageId,
                Range = range ?? new(1, body.Length, body.Length),
                ContentType = "text/plain",
                FailureReport = failureReport,
                SuccessReport = successReport,
            },
            body.Span, flag);
        await WriteAsync(output.WrittenMemory);
        return id;
    }

    /// <summary>A long message in one open-ended chunk, however long that takes.</summary>
    public async Task SendSlowlyAsync(IEnumerable<MsrpUri> to, ReadOnlyMemory<byte> body)
    {
        await WriteAsync(
            $"MSRP long1 SEND\r\nTo-Path: {string.Join(' ', UsePath.Concat(to))}\r\nFrom-Path: {Local}\r\n"
            + "Message-ID: m1234\r\nByte-Range: 1-*/*\r\nContent-Type: application/octet-stream\r\n\r\n");
        await WriteSlowlyAsync(body);
        await WriteSlowlyAsync("\r\n-------long1$\r\n"u8.ToArray());
    }

    public Task<string> SendAsync(RelayEnd to, string text) => SendAsync(to.Path, Encoding.UTF8.GetBytes(text));

    public Task WriteAsync(ReadOnlyMemory<byte> bytes) => WriteSlowlyAsync(bytes).WaitAsync(_patience);

    public Task WriteAsync(string text) => WriteAsync(Encoding.UTF8.GetBytes(text));

    /// <summary>Writes, however long it takes.</summary>
    public async Task WriteSlowlyAsync(ReadOnlyMemory<byte> bytes)
    {
        await _writing.WaitAsync();
        try
        {
            await _stream.WriteAsync(bytes);
        }
        finally
        {
            _writing.Release();
        }
    }

    public async Task<MsrpFrame> ReadAsync() =>
        await TryReadAsync() ?? throw new InvalidOperationException("The connection ended");

    /// <summary>The next frame; null at the end of the connection.</summary>
    public async Task<MsrpFrame?> TryReadAsync()
    {
        while (true)
        {
            ReadResult result;
            try
            {
                result = await _input.ReadAsync().AsTask().WaitAsync(_patience);
            }
            catch (IOException)
            {
                return null;
            }

            var buffer = result.Buffer;
            var found = _frames.TryRead(ref buffer, out var frame);
            _input.AdvanceTo(buffer.Start, found ? buffer.Start : buffer.End);
            Assert.Equal(MsrpFault.None, _frames.Fault);
            if (found)
            {
                Assert.Equal(MsrpFault.None, frame!.Head.Fault);
                await AnswerAsync(frame);
                return frame;
            }

            if (result.IsCompleted)
                return null;
        }
    }

    /// <summary>The next SEND, past answers.</summary>
    public async Task<MsrpFrame> ReadSendAsync() => await ReadOnlyAsync(MsrpMethod.Send);

    public async Task<MsrpFrame> ReadReportAsync() => await ReadOnlyAsync(MsrpMethod.Report);

    /// <summary>The status of the next answer.</summary>
    public async Task<int> ReadAnswerAsync() => (await ReadOnlyAsync(MsrpMethod.None)).Head.Status;

    /// <summary>The next message, of however many chunks, whose ranges must fit.</summary>
    public async Task<(byte[] Body, int Chunks)> ReadMessageAsync()
    {
        var body = new ArrayBufferWriter<byte>();
        for (var chunks = 1; ; chunks++)
        {
            var frame = await ReadSendAsync();
            Assert.Equal(body.WrittenCount + 1, frame.Head.Range!.Value.Start);
            body.Write(frame.Body.Span);
            Assert.NotEqual(MsrpFlag.Abort, frame.Flag);
            if (frame.Flag == MsrpFlag.Last)
                return (body.WrittenSpan.ToArray(), chunks);
        }
    }

    public void Dispose()
    {
        _stream.Dispose();
        _writing.Dispose();
    }

    private async Task<MsrpFrame> ReadOnlyAsync(MsrpMethod method)
    {
        while (true)
        {
            var frame = await ReadAsync();
            if (frame.Head.Method == method)
                return frame;
        }
    }

    private async Task AnswerAsync(MsrpFrame frame)
    {
        var output = new ArrayBufferWriter<byte>();
        if (frame.Head.Method == MsrpMethod.Send && frame.Head.FailureReport == FailureReport.Yes && Answer != 0
            && MsrpWriter.TryWriteResponse(output, frame.Head, Answer))
            await WriteAsync(output.WrittenMemory);
    }
}
