using ImSidecar.Core.Conferences;
using ImSidecar.Server.Cluster;
using ImSidecar.Server.Stores;
using ImSidecar.Server.Stores.Format;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Hosting;

/// <summary>
/// One for each aggregate, its only writer: takes all that waits at once, and again what failed. Runs on the thread pool
/// only while something waits.
/// </summary>
internal sealed class Mailbox
{
    private const int MaxFailures = 6;

    private readonly Lock _gate = new();
    private readonly MailboxServices _services;
    private readonly HeldAggregate _held;
    private readonly WaitingItems _waiting = new();
    private readonly BatchFailures _batchFailures;
    private bool _isRunning;
    private bool _runsLater;
    private bool _isClosed;
    private bool _isUnreadable;
    private TaskCompletionSource? _idle;
    private TaskCompletionSource? _request;
    private TaskCompletionSource? _left;
    private bool _isStruckOff;
    private List<MailboxItem> _moved = [];
    private int _failures;

    public Mailbox(AggregateId id, MailboxServices services)
    {
        Id = id;
        _services = services;
        _held = new(this, services);
        _batchFailures = new(id, _held, services);
    }

    public AggregateId Id { get; }

    /// <summary>It has something that is not over, or does not know yet.</summary>
    public bool IsUnderWay => _held.IsUnderWay;

    /// <summary>The aggregate as it was saved last; null: there is none, or it is not loaded yet.</summary>
    public Aggregate? Current => _held.Current;

    /// <summary>Kept by the timer wheel under its own lock.</summary>
    public TimerWheel.Entry? Alarm { get; set; }

    /// <summary>What is stored of it is known, or nothing is.</summary>
    public bool IsLoaded => _held.IsLoaded || _isUnreadable;

    /// <summary>False if the mailbox has closed since it was looked up.</summary>
    public bool TryPost(MailboxItem item)
    {
        lock (_gate)
        {
            if (_isClosed)
                return false;

            _waiting.Add(item);
            if (WaitingItems.IsRequest(item))
                _request?.TrySetResult();
            if (_isRunning)
                return true;

            if (_waiting.MayAllWait)
            {
                RunLater();
                return true;
            }

            _isRunning = true;
        }

        _services.Runner.Add(this, isNew: !_held.IsLoaded);
        return true;
    }

    /// <summary>Nothing else has come: what was in no hurry has waited long enough.</summary>
    public void Hurry()
    {
        lock (_gate)
        {
            _runsLater = false;
            _waiting.Hurry();
            if (_isRunning || _waiting.IsEmpty)
                return;

            _isRunning = true;
        }

        _services.Runner.Add(this, isNew: !_held.IsLoaded);
    }

    /// <summary>Ends when nothing waits any more, or only for the store.</summary>
    public Task WhenIdle()
    {
        lock (_gate)
        {
            if (!_isRunning || _request is not null)
                return Task.CompletedTask;

            return (_idle ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>
    /// Its aggregate goes to another node: what is in work is finished and struck off, what waits goes there too. Ends when
    /// nothing of it is in memory.
    /// </summary>
    public Task LeaveAsync()
    {
        lock (_gate)
        {
            if (_isClosed)
                return _left?.Task ?? Task.CompletedTask;

            _left ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            _request?.TrySetResult();
            if (_isRunning)
                return _left.Task;

            _isRunning = true;
        }

        _services.Runner.Add(this, isNew: false);
        return _left.Task;
    }

    /// <summary>The same at once, and nothing more is saved: another one may take its place before it has ended.</summary>
    public Task DropAsync()
    {
        lock (_gate)
        {
            if (_isClosed)
                return _left?.Task ?? Task.CompletedTask;

            _isStruckOff = true;
        }

        var left = LeaveAsync();
        lock (_gate)
            Close();
        _held.Lose();
        return left;
    }

    /// <summary>Works off what waits; called by the runner, once for each time that something began to wait.</summary>
    public async Task RunAsync()
    {
        while (TakeBatch() is { } batch)
        {
            if (await TryRunAsync(batch))
                _failures = 0;
        }

        MoveOn();
    }

    /// <summary>False if the batch is to be tried again.</summary>
    private async Task<bool> TryRunAsync(List<MailboxItem> batch)
    {
        try
        {
            await _held.ProcessAsync(batch);
            return true;
        }
        catch (UnreadableConferenceException unreadable)
        {
            Log.Unreadable(_services.Logger, Id.Kind, Id, unreadable.InnerException!.Message);
            await _batchFailures.RefuseAllAsync(batch);
            _isUnreadable = true;
            return true;
        }
        catch (StoreUnavailableException away)
        {
            await WaitForStoreAsync(await _batchFailures.TakeBackAsync(batch, mayBeWritten: !away.NothingWritten));
            return false;
        }
        catch (StaleEpochException)
        {
            // Another node has it by now, and decides on all of this.
            lock (_gate)
                _waiting.PutBack(batch);
            _ = DropAsync();
            return false;
        }
        catch (Exception bug) when (bug is StoredFormatException || _failures >= MaxFailures)
        {
            // It would fail again for ever, and nothing behind it would be confirmed.
            await GiveUpAsync(batch, bug);
            return false;
        }
        catch (Exception exception)
        {
            Log.BatchFailed(_services.Logger, Id.Kind, Id, BatchFailures.CallIdOf(batch), exception);
            var again = await _batchFailures.TakeBackAsync(batch, mayBeWritten: true);
            await Task.Delay(_services.RetryDelay * (1 << _failures++), _services.Time);
            lock (_gate)
                _waiting.PutBack(again);
            return false;
        }
    }

    private void RunLater()
    {
        if (_runsLater)
            return;

        _runsLater = true;
        _services.Runner.AddLater(this);
    }

    private List<MailboxItem>? TakeBatch()
    {
        lock (_gate)
        {
            if (_left is null && !_isClosed && !_services.Router.IsMine(Id))
                _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_left is not null)
                return TakeLast();

            if (!_waiting.IsEmpty && !(_waiting.MayAllWait && _held.IsLoaded && !_held.IsNone))
                return _waiting.TakeAll();

            _isRunning = false;
            if (!_waiting.IsEmpty)
                RunLater();
            else if (_held.IsNone || _isUnreadable)
                Close();

            _idle?.SetResult();
            _idle = null;
            return null;
        }
    }

    // What is done is struck off, so that the next node need not do it again.
    private List<MailboxItem>? TakeLast()
    {
        if (!_isStruckOff && _held is { IsLoaded: true, IsNone: false })
        {
            _isStruckOff = true;
            return [new Wake(Stopping: true)];
        }

        Close();
        _held.Release();
        _isRunning = false;
        _idle?.SetResult();
        _idle = null;
        _moved = _waiting.TakeAll();
        return null;
    }

    private void Close()
    {
        _isClosed = true;
        _services.Wheel.Forget(this);
        _services.Router.Forget(this);
    }

    // To where the aggregate is now, or to nobody for a while.
    private void MoveOn()
    {
        List<MailboxItem> moved;
        lock (_gate)
        {
            if (!_isClosed || _left is null)
                return;

            (moved, _moved) = (_moved, []);
        }

        foreach (var item in moved)
            _services.Router.PostAgain(Id, item);
        _left.TrySetResult();
    }

    // One of them is to blame, and only that one is given up.
    private async Task GiveUpAsync(List<MailboxItem> batch, Exception bug)
    {
        _held.Distrust();
        if (batch is not [var item])
        {
            foreach (var each in batch)
                await TryRunAsync([each]);
            return;
        }

        var instead = await _batchFailures.GiveUpAsync(item, bug);
        lock (_gate)
            _waiting.PutBack(instead);
    }

    // All of them wait for the same disk, but no request does: it comes to be refused, or needs no save.
    private async Task WaitForStoreAsync(List<MailboxItem> again)
    {
        Task request;
        lock (_gate)
        {
            _waiting.PutBack(again);
            if (_waiting.IsEmpty || _left is not null || _waiting.HasRequest)
                return;

            _request = new(TaskCreationOptions.RunContinuationsAsynchronously);
            request = _request.Task;
            _idle?.SetResult();
            _idle = null;
        }

        await (_services.StoreHealth.IsFailing
            ? Task.WhenAny(_services.StoreHealth.WhenWell, request)
            : Task.Delay(_services.RetryDelay, _services.Time));
        lock (_gate)
            _request = null;
    }
}
