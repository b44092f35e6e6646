using System.Collections.Immutable;
using ImSidecar.Server.Stores.Postgres;
using ImSidecar.Server.Telemetry;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace ImSidecar.Server.Cluster;

/// <summary>
/// This node among the others: joins, says that it lives, looks who else does, declares dead who does not, and holds its
/// share for as long as the database hears of it.
/// </summary>
internal sealed class Membership(
    NodeIdentity identity, ClusterOptions options, Func<NpgsqlConnection> open,
    ClusterOwnership ownership, ISlotHolder holder, INodeReport report, Fence fence, TimeProvider time,
    ILogger<Membership> logger) : IAsyncDisposable
{
    private readonly Heartbeat _heartbeat = new(identity, options, open);
    private readonly DeathWatch _deaths = new(options, time);
    private readonly Standing _standing = new(identity.Name, options, time);
    private readonly HashSet<string> _declaring = [];
    private readonly Lock _gate = new();
    private Tenure? _tenure;
    private Task _ended = Task.CompletedTask;
    private long? _lastEpoch;
    private NodeState? _state;
    private bool _isUnreachable;

    public string Name => identity.Name;

    public ClusterOwnership Ownership => ownership;

    /// <summary>Null: it is not one of the nodes now.</summary>
    public long? Epoch => Current?.Epoch;

    /// <summary>It stops: as if the operator had drained it.</summary>
    public bool IsLeaving { get; private set; }

    /// <summary>When the database last heard of it, by the time of this process.</summary>
    public long LastBeat { get; private set; }

    private Tenure? Current
    {
        get
        {
            lock (_gate)
                return _tenure;
        }
    }

    /// <summary>How long the heartbeat of that node has stood still, as far as this one has seen.</summary>
    public TimeSpan BeatAge(string node) => _deaths.StillFor(node);

    /// <summary>Throws what keeps it from being one of the nodes.</summary>
    public Task JoinAsync()
    {
        fence.Stale += OnStale;
        return Task.Factory.StartNew(Beat, default, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Until it is cancelled; throws <see cref="NodeNameTakenException"/>.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var watch = OnThread(() => Watch(end.Token));
        try
        {
            await OnThread(() => Live(cancellation));
        }
        finally
        {
            await end.CancelAsync();
            await watch;
        }
    }

    /// <summary>Hands over what it has, as far as there is somebody to have it and time; it runs on.</summary>
    public async Task HandOverAsync(CancellationToken cancellation)
    {
        IsLeaving = true;
        _heartbeat.Wake();
        var since = time.GetTimestamp();
        while (ownership.Held > 0 && !IsLast)
        {
            if (time.GetElapsedTime(since) > options.LeaveWithin || cancellation.IsCancellationRequested)
            {
                Log.LeavesSlots(logger, ownership.Held, options.LeaveWithin);
                return;
            }

            await Task.Delay(options.Heartbeat / 10, CancellationToken.None);
        }
    }

    /// <summary>Behind the last save; to be called when it does not run any more.</summary>
    public async Task LeaveAsync()
    {
        if (Current?.Epoch is not { } epoch)
            return;

        End();
        await _ended;
        try
        {
            await OnThread(() => _heartbeat.Ask(tables => tables.Leave(identity.Name, epoch)));
            Log.Left(logger, identity.Name, epoch);
        }
        catch (Exception error) when (IsOfTheDatabase(error))
        {
            Log.NotLeft(logger, identity.Name, error.Message);
        }
    }

    public void Wake() => _heartbeat.Wake();

    public async ValueTask DisposeAsync()
    {
        fence.Stale -= OnStale;
        End();
        await _ended;
        _heartbeat.Close();
    }

    // Nobody else is fit to have something: it keeps what it has.
    private bool IsLast => !ownership.View.Eligible.Any(each => each.Name != identity.Name);

    private static Task OnThread(Action work) =>
        Task.Factory.StartNew(work, default, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private void Live(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                Beat();
                if (_isUnreachable)
                    Log.Reachable(logger);
                _isUnreachable = false;
                _heartbeat.Rest(cancellation);
            }
            catch (Exception error) when (IsOfTheDatabase(error))
            {
                if (!_isUnreachable)
                    Log.Unreachable(logger, error.Message);
                _isUnreachable = true;
                _heartbeat.Close();
                cancellation.WaitHandle.WaitOne(options.Heartbeat);
            }
        }
    }

    private void Beat()
    {
        var tenure = Current ?? Begin();
        var said = report.Now();
        if (IsLeaving)
            said = said with { IsDraining = true };
        var askedAt = time.GetTimestamp();
        var (isAlive, version, nodes) = _heartbeat.Ask(tables => tables.Beat(identity.Name, tenure.Epoch, said));
        if (!isAlive)
        {
            EndStale(tenure.Epoch);
            return;
        }

        // Somebody may have been told that nothing is ours: then it is so.
        if (ownership.HasExpired)
        {
            EndExpired();
            return;
        }

        ownership.Renew(askedAt);
        LastBeat = askedAt;
        if (version == ownership.View.Version)
            ownership.Show(nodes);
        else if (Read(version, nodes, tenure.Epoch, said) is { } view)
            ownership.Show(view);
        tenure.Look();

        foreach (var dead in _deaths.Observe(nodes.Where(each => each.Name != identity.Name)))
            Declare(tenure.Epoch, dead);
        Stand(tenure.Epoch, said, nodes);
    }

    // Null: something has changed between the two questions; soon again.
    private ClusterView? Read(long version, ImmutableArray<NodeRow> nodes, long epoch, NodeReport said)
    {
        for (var i = 0; i < 3; i++)
        {
            var (current, slots) = _heartbeat.Ask(tables => tables.Slots());
            if (current == version)
                return new(version, nodes, slots);

            (_, version, nodes) = _heartbeat.Ask(tables => tables.Beat(identity.Name, epoch, said));
        }

        Wake();
        return null;
    }

    private void Stand(long epoch, NodeReport said, ImmutableArray<NodeRow> nodes)
    {
        var now = nodes.First(each => each.Name == identity.Name).State;
        var next = _standing.Next(now, said, nodes);
        if (_state != now)
            Log.StateIs(logger, identity.Name, NodeTables.Text(now));
        _state = now;
        if (next == now)
            return;

        _heartbeat.Ask(tables => tables.SetState(identity.Name, epoch, next));
        Wake();
    }

    private Tenure Begin()
    {
        _ended.Wait();
        identity.EnsureFree(_heartbeat, options, _lastEpoch);
        var askedAt = time.GetTimestamp();
        var epoch = _heartbeat.Ask(tables => tables.Join(identity.Name, identity.Gateway, identity.Release));
        Log.Joined(logger, identity.Name, epoch, identity.Gateway);
        _lastEpoch = epoch;
        fence.Current = new(identity.Name, epoch);
        LastBeat = askedAt;
        ownership.Renew(askedAt);
        var tenure = new Tenure(
            identity.Name, epoch, options, ownership, new(open, options), holder, () => EndUncertain(epoch), time,
            logger);
        lock (_gate)
            _tenure = tenure;
        tenure.Begin();
        return tenure;
    }

    // What it held is not renewed in time: also when the loop above stands still.
    private void Watch(CancellationToken cancellation)
    {
        while (!cancellation.WaitHandle.WaitOne(options.StopsAfter / 40))
        {
            if (ownership.HasExpired)
                EndExpired();
        }
    }

    private void EndExpired()
    {
        if (!End())
            return;

        Log.Expired(logger, time.GetElapsedTime(LastBeat).TotalSeconds);
        ClusterInstruments.Fenced(Labels.Expired);
    }

    private void OnStale(FenceKey key) => EndStale(key.Epoch);

    private void EndStale(long epoch)
    {
        if (!End(epoch))
            return;

        Log.Stale(logger, epoch);
        ClusterInstruments.Fenced(Labels.Stale);
    }

    private void EndUncertain(long epoch)
    {
        if (!End(epoch))
            return;

        Log.Uncertain(logger, epoch);
        ClusterInstruments.Fenced(Labels.Uncertain);
    }

    // At once for whoever asks; then what is in memory goes.
    private bool End(long? epoch = null)
    {
        lock (_gate)
        {
            if (_tenure is not { } tenure || epoch is { } one && one != tenure.Epoch)
                return false;

            _tenure = null;
            _ended = tenure.DisposeAsync().AsTask();
        }

        ownership.Clear();
        _heartbeat.Wake();
        return true;
    }

    // Beside the heartbeat, for it may have to wait until what the dead one was saving has ended.
    private void Declare(long epoch, NodeRow dead)
    {
        lock (_declaring)
        {
            if (!_declaring.Add(dead.Name))
                return;
        }

        _ = OnThread(() =>
        {
            try
            {
                if (!new Undertaker(open, options).DeclareDead(identity.Name, epoch, dead))
                    return;

                ClusterInstruments.Died();
                Log.Dead(logger, dead.Name, _deaths.StillFor(dead.Name).TotalSeconds);
            }
            catch (Exception error) when (IsOfTheDatabase(error))
            {
                Log.NotDeclared(logger, dead.Name, error.Message);
            }
            finally
            {
                lock (_declaring)
                    _declaring.Remove(dead.Name);
            }
        });
    }

    // Whatever it says of a statement: the next one may do, and a node that ends for it helps nobody.
    private static bool IsOfTheDatabase(Exception error) =>
        error is NpgsqlException or InvalidOperationException || PostgresErrors.IsOfTheStore(error);
}
