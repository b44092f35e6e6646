using System.Buffers;
using System.Collections.Concurrent;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Client.Msrp;

/// <summary>Cuts messages into chunks, a few under way at once, and waits for their answers; RFC 4975 7.1.1.</summary>
internal sealed class MsrpOutbox(Func<ReadOnlyMemory<byte>, Task> write, TimeSpan responseTimeout) : IDisposable
{
    private const int Window = 16;

    private readonly ConcurrentDictionary<string, TaskCompletionSource<int>> _waiting = [];
    private readonly SemaphoreSlim _sending = new(1, 1);

    public async Task<MsrpSendResult> SendAsync(
        MsrpPaths paths, string? contentType, Stream body, long? total, MsrpSendOptions options)
    {
        using var outcome = new Outcome(options.MessageId ?? MsrpIdent.Fresh());
        await _sending.WaitAsync();
        try
        {
            await SendChunksAsync(paths, contentType, body, total, options, outcome);
        }
        finally
        {
            _sending.Release();
        }

        await Task.WhenAll(outcome.Answers);
        return new(outcome.MessageId, outcome.Status, outcome.Chunks);
    }

    /// <summary>A NICKNAME, RFC 7701 7; the status of its answer.</summary>
    public async Task<int> AskNicknameAsync(MsrpPaths paths, string nickname)
    {
        var id = MsrpIdent.Fresh();
        var output = new ArrayBufferWriter<byte>();
        MsrpWriter.WriteNickname(output, id, paths, nickname);
        return await await AskAsync(id, output.WrittenMemory);
    }

    /// <summary>False if nobody waits for that response.</summary>
    public bool OnResponse(MsrpHead response) =>
        _waiting.TryRemove(response.TransactionId, out var waiting) && waiting.TrySetResult(response.Status);

    /// <summary>Nothing that was under way will be answered any more.</summary>
    public void OnConnectionLost()
    {
        foreach (var id in _waiting.Keys)
        {
            if (_waiting.TryRemove(id, out var waiting))
                waiting.TrySetResult(MsrpStatus.Timeout);
        }
    }

    public void Dispose() => _sending.Dispose();

    private async Task SendChunksAsync(
        MsrpPaths paths, string? contentType, Stream body, long? total, MsrpSendOptions options, Outcome outcome)
    {
        var buffer = new byte[options.ChunkSize];
        var next = new byte[options.ChunkSize];
        var length = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false);
        for (var start = 1L; ; start += options.ChunkSize)
        {
            var following = length < buffer.Length ? 0 : await body.ReadAtLeastAsync(next, next.Length, false);
            var flag = options.AbortsAfter == outcome.Chunks ? MsrpFlag.Abort
                : following > 0 ? MsrpFlag.More : MsrpFlag.Last;
            if (outcome.MustStop || options.CutsAfter == outcome.Chunks)
                return;

            var send = new MsrpSend
            {
                Paths = paths,
                MessageId = outcome.MessageId,
                SuccessReport = options.WantsSuccessReport,
                FailureReport = options.FailureReport,
                Range = contentType is null ? null : RangeOf(start, length, total),
                ContentType = contentType,
            };
            await outcome.WaitForRoomAsync();
            outcome.Add(await SendChunkAsync(send, buffer.AsMemory(0, length), flag));
            if (flag != MsrpFlag.More)
                return;

            (buffer, next, length) = (next, buffer, following);
        }
    }

    // A chunk above 2048 bytes must be interruptible, so its end is left open: RFC 4975 7.1.1.
    private static ByteRange RangeOf(long start, int length, long? total) =>
        new(start, length > 2048 ? null : start + length - 1, total);

    private async Task<Task<int>> SendChunkAsync(MsrpSend send, ReadOnlyMemory<byte> body, MsrpFlag flag)
    {
        var id = MsrpIdent.FreshFor(body.Span);
        var output = new ArrayBufferWriter<byte>(body.Length + 1024);
        MsrpWriter.WriteSend(output, id, send, body.Span, flag);
        if (send.FailureReport != FailureReport.Yes)
        {
            await write(output.WrittenMemory);
            return Task.FromResult(0);
        }

        return await AskAsync(id, output.WrittenMemory);
    }

    private async Task<Task<int>> AskAsync(string id, ReadOnlyMemory<byte> request)
    {
        var waiting = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[id] = waiting;
        await write(request);
        return WaitAsync(id, waiting.Task);
    }

    private async Task<int> WaitAsync(string id, Task<int> answer)
    {
        try
        {
            return await answer.WaitAsync(responseTimeout);
        }
        catch (TimeoutException)
        {
            _waiting.TryRemove(id, out _);
            return MsrpStatus.Timeout;
        }
    }

    private sealed class Outcome(string messageId) : IDisposable
    {
        private readonly SemaphoreSlim _room = new(Window);
        private int _status;

        public string MessageId => messageId;

        public List<Task> Answers { get; } = [];

        public int Chunks { get; private set; }

        public int Status => _status;

        public bool MustStop => _status is not (0 or 200);

        public Task WaitForRoomAsync() => _room.WaitAsync();

        public void Add(Task<int> answer)
        {
            Chunks++;
            Answers.Add(TakeAsync(answer));
        }

        public void Dispose() => _room.Dispose();

        private async Task TakeAsync(Task<int> answer)
        {
            var status = await answer;
            if (_status is 0 or 200)
                _status = status;
            _room.Release();
        }
    }
}
