using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using ImSidecar.Client.Sip;
using ImSidecar.Protocol.Cpim;
using ImSidecar.Protocol.Msrp;
using ImSidecar.Protocol.Sdp;

namespace ImSidecar.Client.Msrp;

/// <summary>One MSRP session over TCP, active or passive, RFC 4975 and RFC 6135.</summary>
public sealed class MsrpSession : IAsyncDisposable
{
    private const int MaxRemembered = 100_000;

    private readonly CancellationTokenSource _closed = new();
    private readonly Channel<MsrpReport> _reports = Channel.CreateUnbounded<MsrpReport>();
    private readonly ConcurrentQueue<MsrpChunk> _chunks = [];
    private readonly Action<ProtocolViolation> _report;
    private readonly MsrpInbox _inbox;
    private readonly MsrpOutbox _outbox;
    private readonly Socket _listener;
    private TaskCompletionSource _connected = New();
    private TaskCompletionSource _mayRead = New();
    private MsrpConnection? _connection;
    private MsrpPaths? _paths;

    internal MsrpSession(IPAddress local, MsrpOptions options, Action<ProtocolViolation> report)
    {
        Options = options;
        _report = report;
        _inbox = new(options.LongestMessage);
        _outbox = new(WriteAsync, options.ResponseTimeout);
        _listener = new(local.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        _listener.Bind(new IPEndPoint(local, 0));
        _listener.Listen();
        Local = new(local.ToString(), ((IPEndPoint)_listener.LocalEndPoint!).Port, Token.New(20));
        if (!options.StartsPaused)
            _mayRead.SetResult();
    }

    public MsrpOptions Options { get; }

    /// <summary>Our end of the path.</summary>
    public MsrpUri Local { get; }

    /// <summary>What the peer's description says; null before it is known.</summary>
    public MsrpMedia? Remote { get; private set; }

    public bool IsActive { get; private set; }

    public bool IsConnected => _connection is not null;

    /// <summary>Ends when a connection stands that belongs to the session.</summary>
    public Task Connected => _connected.Task;

    public ChannelReader<MsrpMessage> Messages => _inbox.Messages.Reader;

    public ChannelReader<string> AbortedMessages => _inbox.Aborted.Reader;

    public ChannelReader<MsrpReport> Reports => _reports.Reader;

    /// <summary>Every SEND that came in, empty ones too.</summary>
    public IReadOnlyCollection<MsrpChunk> Chunks => _chunks;

    /// <summary>Messages begun and neither complete nor given up.</summary>
    public int OpenMessages => _inbox.OpenMessages;

    /// <summary>Begins with what both descriptions say; an active side connects and binds with an empty SEND.</summary>
    internal async Task StartAsync(MsrpMedia remote, bool isActive)
    {
        Remote = remote;
        IsActive = isActive;
        _paths = new(remote.Path, Local);
        if (isActive)
            await ConnectAsync();
        else
            _ = AcceptAsync();
    }

    /// <summary>A message held in memory.</summary>
    public Task<MsrpSendResult> SendAsync(
        string contentType, ReadOnlyMemory<byte> body, MsrpSendOptions? options = null) =>
        SendAsync(contentType, new MemoryStream(body.ToArray()), body.Length, options);

    /// <summary>A message of any length out of a stream; a null length is "*" on the wire.</summary>
    public Task<MsrpSendResult> SendAsync(
        string contentType, Stream body, long? length, MsrpSendOptions? options = null) =>
        _outbox.SendAsync(Paths, contentType, body, length, options ?? new());

    /// <summary>A text in a CPIM message.</summary>
    public Task<MsrpSendResult> SendTextAsync(string from, string to, string text, MsrpSendOptions? options = null)
    {
        var output = new ArrayBufferWriter<byte>();
        var cpim = new CpimMessage
        {
            From = new(from),
            To = [new(to)],
            DateTime = DateTimeOffset.UtcNow,
            ContentType = "text/plain; charset=utf-8",
            Content = Encoding.UTF8.GetBytes(text),
        };
        cpim.WriteTo(output);
        return SendAsync("message/cpim", output.WrittenMemory, options);
    }

    /// <summary>An empty SEND; the status of its answer.</summary>
    public async Task<int> KeepAliveAsync() =>
        (await _outbox.SendAsync(Paths, null, Stream.Null, null, new())).Status;

    /// <summary>Bytes as they are: a frame nobody should send.</summary>
    public Task SendBytesAsync(ReadOnlyMemory<byte> bytes) => WriteAsync(bytes);

    public void PauseReading() => _mayRead = _mayRead.Task.IsCompleted ? New() : _mayRead;

    public void ResumeReading() => _mayRead.TrySetResult();

    /// <summary>Closes the connection as a lost network would; the session stays.</summary>
    public void DropConnection()
    {
        _connected = New();
        Interlocked.Exchange(ref _connection, null)?.Dispose();
    }

    /// <summary>Connects again as the active side, and binds.</summary>
    public async Task ConnectAsync()
    {
        var hop = Remote!.Path[0];
        var socket = new Socket(_listener.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(hop.Host, hop.EffectivePort, _closed.Token);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        var connection = new MsrpConnection(socket);
        _ = ReadAsync(connection);
        Bind(connection);
        await KeepAliveAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        _listener.Dispose();
        _connection?.Dispose();
        _inbox.Messages.Writer.TryComplete();
        _inbox.Aborted.Writer.TryComplete();
        _reports.Writer.TryComplete();
    }

    private MsrpPaths Paths => _paths ?? throw new InvalidOperationException("the MSRP session has not begun");

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        var connection = _connection ?? throw new IOException("the MSRP session has no connection");
        await connection.WriteAsync(bytes, _closed.Token);
    }

    private void Bind(MsrpConnection connection)
    {
        Interlocked.Exchange(ref _connection, connection)?.Dispose();
        _connected.TrySetResult();
    }

    private async Task AcceptAsync()
    {
        while (!_closed.IsCancellationRequested)
        {
            try
            {
                _ = ReadAsync(new MsrpConnection(await _listener.AcceptAsync(_closed.Token)));
            }
            catch (Exception error) when (error is OperationCanceledException or SocketException
                or ObjectDisposedException)
            {
                // Closed, or the caller gave up before we accepted.
            }
        }
    }

    private async Task ReadAsync(MsrpConnection connection)
    {
        try
        {
            var broken = await connection.ReadAsync(
                frame => TakeAsync(frame, connection), _ => _mayRead.Task.WaitAsync(_closed.Token), _closed.Token);
            if (broken is not null)
                _report(new("RFC 4975 7", broken, connection.Remote));
        }
        catch (Exception error) when (error is OperationCanceledException or IOException or SocketException
            or ObjectDisposedException)
        {
            // The peer went away or we did.
        }

        if (Interlocked.CompareExchange(ref _connection, null, connection) == connection)
            _connected = New();
        connection.Dispose();
    }

    private async Task TakeAsync(MsrpFrame frame, MsrpConnection connection)
    {
        var head = frame.Head;
        if (!head.IsRequest)
        {
            if (!_outbox.OnResponse(head))
                Report("RFC 4975 7.2", "a response that nobody waits for", head);
            return;
        }

        if (!head.ToPath.Contains(Local))
        {
            await AnswerAsync(connection, head, MsrpStatus.NoSuchSession);
            return;
        }

        if (_connection is null)
            Bind(connection);
        Check(head, frame);
        if (head.Method == MsrpMethod.Report)
            _reports.Writer.TryWrite(new(head.MessageId, head.ReportStatus, head.Range));
        else if (head.Method == MsrpMethod.Send)
            await TakeSendAsync(frame, connection);
        else
            await AnswerAsync(connection, head, MsrpStatus.NotImplemented);
    }

    private async Task TakeSendAsync(MsrpFrame frame, MsrpConnection connection)
    {
        var chunk = new MsrpChunk(frame.Head, frame.Body.Length, frame.Flag);
        if (_chunks.Count < MaxRemembered)
            _chunks.Enqueue(chunk);

        MsrpMessage? whole = null;
        var status = Options.Answer?.Invoke(chunk) ?? MsrpStatus.Ok;
        if (status == MsrpStatus.Ok && frame.Head.HasBody)
            status = _inbox.Take(frame, out whole);

        var isWanted = frame.Head.FailureReport == FailureReport.Yes
            || frame.Head.FailureReport == FailureReport.Partial && status != MsrpStatus.Ok;
        if (isWanted && status != 0)
            await AnswerAsync(connection, frame.Head, status);
        if (whole is not null && frame.Head.SuccessReport)
            await ReportSuccessAsync(connection, frame.Head, whole);
    }

    private Task ReportSuccessAsync(MsrpConnection connection, MsrpHead head, MsrpMessage whole)
    {
        var output = new ArrayBufferWriter<byte>();
        var range = new ByteRange(1, whole.Body.Length, whole.Body.Length);
        MsrpWriter.WriteReport(
            output, MsrpIdent.Fresh(), MsrpPaths.BackTo(head), whole.MessageId, range, MsrpStatus.Ok);
        return connection.WriteAsync(output.WrittenMemory, _closed.Token);
    }

    private async Task AnswerAsync(MsrpConnection connection, MsrpHead head, int status)
    {
        var output = new ArrayBufferWriter<byte>();
        if (head.Method != MsrpMethod.Report && MsrpWriter.TryWriteResponse(output, head, status))
            await connection.WriteAsync(output.WrittenMemory, _closed.Token);
    }

    private void Check(MsrpHead head, MsrpFrame frame)
    {
        if (head.Fault != MsrpFault.None)
            Report("RFC 4975 9", $"head not right: {head.Fault}", head);
        if (Remote is { } remote && !head.FromPath.SequenceEqual(remote.Path))
            Report("RFC 4975 7.1.1", "From-Path is not the path of the description", head);
        if (head.ToPath.Length != 1)
            Report("RFC 4975 7.1.1", "To-Path does not end with us alone", head);
        if (head.Method == MsrpMethod.Send && head.Range is { End: { } end, Start: var start }
            && end - start + 1 != frame.Body.Length)
            Report("RFC 4975 7.1.1", "Byte-Range does not fit the body", head);
    }

    private void Report(string rule, string detail, MsrpHead head) =>
        _report(new(rule, detail, $"MSRP {head.TransactionId} {(head.IsRequest ? head.Method : head.Status)}"));
}
