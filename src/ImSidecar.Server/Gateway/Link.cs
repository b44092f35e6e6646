using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using ImSidecar.Server.Gateway.V1;
using ImSidecar.Server.Telemetry;

namespace ImSidecar.Server.Gateway;

/// <summary>
/// One attached stream of a Kamailio: the queue of actions towards it, and which of its events are saved. The queue is
/// bounded by number and by bytes: a roster for a thousand subscribers is made as it is taken, not all at once.
/// </summary>
internal sealed class Link(string instance, string boot, EventLedger ledger, int capacity)
{
    /// <summary>Less than Kamailio's module takes at once, more than Kamailio can send.</summary>
    public const int MaxActionBytes = 8 << 20;

    public const int MaxQueuedBytes = 16 << 20;

    // Kamailio ends the stream upon a batch larger than its max_batch_bytes, 16 MiB.
    private const int MostInBatch = 256;
    private const int EnoughBytes = 1 << 20;

    private readonly Channel<SipAction> _actions = Channel.CreateBounded<SipAction>(
        new BoundedChannelOptions(capacity) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly Lock _gate = new();
    private long _bytes;
    private Confirm? _lastConfirm;
    private TaskCompletionSource? _room;
    private bool _isClosed;

    public string Instance => instance;

    /// <summary>What <see cref="Boots"/> calls it.</summary>
    public string Boot => boot;

    public EventLedger Ledger => ledger;

    public int Queued => _actions.Reader.Count;

    public long QueuedBytes => Interlocked.Read(ref _bytes);

    public string KamailioVersion { get; init; } = "";

    /// <summary>Of its module; empty: it is too old to say so.</summary>
    public string ModuleVersion { get; init; } = "";

    public DateTimeOffset AttachedAt { get; } = TimeProvider.System.GetUtcNow();

    /// <summary>The last event that the stream repeats.</summary>
    public ulong ReplaysUpTo { get; init; }

    /// <summary>Our hello is out: Kamailio hands requests over from now on.</summary>
    public bool IsServing { get; set; }

    /// <summary>Nothing more is queued; what is brought now is not taken on.</summary>
    public bool IsClosed
    {
        get
        {
            lock (_gate)
                return _isClosed;
        }
    }

    /// <summary>Queues the action; false if the stream is gone or its queue is full.</summary>
    public bool TrySend(SipAction action)
    {
        var size = ActionSize.Of(action);
        lock (_gate)
        {
            if (_bytes > 0 && _bytes + size > MaxQueuedBytes || !_actions.Writer.TryWrite(action))
                return false;

            _bytes += size;
            _lastConfirm = action.Confirm;
        }

        Instruments.Went(action);
        return true;
    }

    /// <summary>
    /// Tells Kamailio what is saved, behind all that is queued by now: it forgets the request that a confirmed event
    /// answers, and would send it once more if that came later. A full queue loses nothing: the next one says it all.
    /// </summary>
    public void Confirm()
    {
        if (Ledger.Confirmed == 0)
            return;

        lock (_gate)
        {
            if (_lastConfirm is { } last)
                last.Sequence = Ledger.Confirmed;
            else
                TrySend(new() { Confirm = new() { Sequence = Ledger.Confirmed } });
        }
    }

    /// <summary>Queues the action and waits while the queue is full; false if the stream is gone.</summary>
    public async ValueTask<bool> SendAsync(SipAction action, CancellationToken cancellation)
    {
        while (await _actions.Writer.WaitToWriteAsync(cancellation))
        {
            if (TrySend(action))
                return true;

            await WhenLessWaits().WaitAsync(cancellation);
        }

        return false;
    }

    /// <summary>Waits for actions; false once the stream has been closed and everything was taken.</summary>
    public ValueTask<bool> WaitAsync(CancellationToken cancellation) =>
        _actions.Reader.WaitToReadAsync(cancellation);

    /// <summary>What waits, as far as it goes into one batch: it is flushed once.</summary>
    public SipActionBatch TakeBatch()
    {
        var batch = new SipActionBatch();
        for (var bytes = 0; batch.Actions.Count < MostInBatch && bytes < EnoughBytes && TryTake(out var action);)
        {
            batch.Actions.Add(action);
            bytes += ActionSize.Of(action);
        }

        return batch;
    }

    public bool TryTake([NotNullWhen(true)] out SipAction? action)
    {
        if (!_actions.Reader.TryRead(out action))
            return false;

        lock (_gate)
        {
            // It says no more than it does now.
            if (ReferenceEquals(_lastConfirm, action.Confirm))
                _lastConfirm = null;
            _bytes -= ActionSize.Of(action);
            _room?.TrySetResult();
            _room = null;
        }

        return true;
    }

    /// <summary>Ends the stream once what is queued has been sent.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            _actions.Writer.TryComplete();
            _room?.TrySetResult();
        }
    }

    private Task WhenLessWaits()
    {
        lock (_gate)
        {
            return _isClosed || _bytes == 0
                ? Task.CompletedTask
                : (_room ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }
}
