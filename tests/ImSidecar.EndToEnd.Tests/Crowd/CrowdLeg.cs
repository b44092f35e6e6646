using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ImSidecar.Client.Sip;
using ImSidecar.Protocol.Cpim;
using ImSidecar.Protocol.Msrp;
using ImSidecar.Protocol.Sdp;

namespace ImSidecar.EndToEnd.Tests.Crowd;

/// <summary>
/// The MSRP leg of a crowd's user, always the active side. What it hears are texts "speaker number": each once and each
/// speaker's in order.
/// </summary>
internal sealed class CrowdLeg : IDisposable
{
    private const int MaxChunk = 65_536;

    private readonly ConcurrentDictionary<string, TaskCompletionSource<int>> _waiting = [];
    private readonly ConcurrentDictionary<string, int> _lastOf = [];
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly MsrpUri _local = new("127.0.0.1", 9, Token.New(20));
    private Socket? _socket;
    private MsrpPaths? _paths;
    private MsrpUri? _hop;
    private int _said;

    /// <summary>Our description, as said last.</summary>
    public byte[] Description { get; private set; } = [];

    /// <summary>The switch has answered our first SEND on this connection.</summary>
    public bool IsBound { get; private set; }

    /// <summary>Messages heard whole.</summary>
    public int Heard { get; private set; }

    public List<string> Faults { get; } = [];

    public byte[] Offer() => Description = SessionDescription.Offer(1, 1, "127.0.0.1", Local()).ToBytes();

    public byte[] AnswerTo(ReadOnlyMemory<byte> offer, bool isFirst)
    {
        if (!isFirst || !SessionDescription.TryParse(offer.Span, out var description)
            || !description.TryFindMsrp(out var index, out _))
            return Description;

        return Description =
            SessionDescription.Answer(description, 1, 1, "127.0.0.1", index, Local()).ToBytes();
    }

    /// <summary>Connects to the path of that description and binds with an empty SEND.</summary>
    public async Task ConnectAsync(ReadOnlyMemory<byte> description)
    {
        if (!SessionDescription.TryParse(description.Span, out var remote) || !remote.TryFindMsrp(out _, out var media))
            throw new FormatException("no MSRP in the description");

        _paths = new(media.Path, _local);
        _hop = media.Path[0];
        await ReconnectAsync();
    }

    /// <summary>A new connection to the same path, as the active side makes when it has lost the old one.</summary>
    public async Task ReconnectAsync()
    {
        _socket?.Dispose();
        _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await _socket.ConnectAsync(IPAddress.Parse(_hop!.Host), _hop.EffectivePort);
        _ = ReadAsync(_socket);
        IsBound = await SendAsync(null, default) == 200;
    }

    /// <summary>"User number" for everybody, in a CPIM message; the status of its answer.</summary>
    public async Task<int> SayAsync(string user, string to)
    {
        var output = new ArrayBufferWriter<byte>();
        new CpimMessage
        {
            From = new($"sip:{user}@example.com"),
            To = [new(to)],
            DateTime = DateTimeOffset.UtcNow,
            ContentType = "text/plain",
            Content = Encoding.UTF8.GetBytes($"{user} {++_said}"),
        }.WriteTo(output);
        return await SendAsync("message/cpim", output.WrittenMemory);
    }

    public void Dispose()
    {
        IsBound = false;
        _socket?.Dispose();
        _writing.Dispose();
    }

    private MsrpMedia Local() => new()
    {
        Port = 9,
        Path = [_local],
        AcceptTypes = ["message/cpim"],
        AcceptWrappedTypes = ["*"],
        Setup = SetupRole.Active,
    };

    private async Task<int> SendAsync(string? contentType, ReadOnlyMemory<byte> body)
    {
        var id = MsrpIdent.FreshFor(body.Span);
        var output = new ArrayBufferWriter<byte>(body.Length + 512);
        MsrpWriter.WriteSend(output, id, new()
        {
            Paths = _paths!,
            MessageId = MsrpIdent.Fresh(),
            Range = contentType is null ? null : new(1, body.Length, body.Length),
            ContentType = contentType,
        }, body.Span);
        var waiting = _waiting[id] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await WriteAsync(output.WrittenMemory);
        return await waiting.Task.WaitAsync(TimeSpan.FromSeconds(40));
    }

    private async Task WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        await _writing.WaitAsync();
        try
        {
            while (!bytes.IsEmpty)
                bytes = bytes[await _socket!.SendAsync(bytes, SocketFlags.None)..];
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task ReadAsync(Socket socket)
    {
        try
        {
            await using var stream = new NetworkStream(socket, ownsSocket: true);
            var pipe = PipeReader.Create(stream, new(bufferSize: 4096));
            var frames = new MsrpFrameReader(MaxChunk);
            for (var ended = false; !ended;)
            {
                var read = await pipe.ReadAsync();
                var buffer = read.Buffer;
                while (frames.TryRead(ref buffer, out var frame))
                    await TakeAsync(frame);
                pipe.AdvanceTo(buffer.Start, buffer.End);
                ended = read.IsCompleted;
            }
        }
        catch (Exception error) when (error is IOException or SocketException or ObjectDisposedException)
        {
            // Closed by either side.
        }

        if (socket != _socket)
            return;

        IsBound = false;
        foreach (var waiting in _waiting.Values)
            waiting.TrySetResult(MsrpStatus.Timeout);
    }

    private async Task TakeAsync(MsrpFrame frame)
    {
        if (!frame.Head.IsRequest)
        {
            if (_waiting.TryRemove(frame.Head.TransactionId, out var waiting))
                waiting.TrySetResult(frame.Head.Status);
            return;
        }

        if (frame.Head.Method != MsrpMethod.Send)
            return;

        if (frame.Head.HasBody)
            Hear(frame);
        var output = new ArrayBufferWriter<byte>(256);
        if (frame.Head.FailureReport == FailureReport.Yes
            && MsrpWriter.TryWriteResponse(output, frame.Head, MsrpStatus.Ok))
            await WriteAsync(output.WrittenMemory);
    }

    private void Hear(MsrpFrame frame)
    {
        var text = Encoding.UTF8.GetString(frame.Body.Span);
        var words = text[(text.LastIndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..].Split(' ');
        if (frame.Flag != MsrpFlag.Last || words.Length != 2
            || !int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            Faults.Add($"not a whole text: {text}");
            return;
        }

        if (_lastOf.TryGetValue(words[0], out var last) && number != last + 1)
            Faults.Add($"{words[0]} {number} came behind {last}");
        _lastOf[words[0]] = number;
        Heard++;
    }
}
