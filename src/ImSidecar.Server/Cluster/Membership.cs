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
    NodeIdentity identity, ClusterOptions options, Func<CancellationToken, ValueTask<NpgsqlConnection>> open,
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
    public Task JoinAsync(CancellationToken cancellation)
    {
        fence.Stale += OnStale;
        return BeatAsync(cancellation);
    }

    /// <summary>Until it is cancelled; throws <see cref="NodeNameTakenException"/>.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var watch = WatchAsync(end.Token);
        try
        {
            while (!cancellation.IsCancellationRequested)
                await LiveAsync(cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // It stops.
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
    public async Task LeaveAsync(CancellationToken cancellation)
    {
        if (Current?.Epoch is not { } epoch)
            return;

        End();
        await _ended;
        try
        {
            await _heartbeat.AskAsync(
                async (connection, late) =>
                {
                    await new NodeTables(connection).LeaveAsync(identity.Name, epoch, late);
                    return true;
                },
                cancellation);
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
        await _heartbeat.DisposeAsync();
    }

    // Nobody else is fit to have something: it keeps what it has.
    private bool IsLast => !ownership.View.Eligible.Any(each => each.Name != identity.Name);

    private async Task LiveAsync(CancellationToken cancellation)
    {
        try
        {
            await BeatAsync(cancellation);
            if (_isUnreachable)
                Log.Reachable(logger);
            _isUnreachable = false;
            await _heartbeat.RestAsync(cancellation);
        }
        catch (Exception error) when (IsOfTheDatabase(error))
        {
            if (!_isUnreachable)
                Log.Unreachable(logger, error.Message);
            _isUnreachable = true;
            await _heartbeat.CloseAsync();
            await Task.Delay(options.Heartbeat, time, cancellation);
        }
    }

    private async Task BeatAsync(CancellationToken cancellation)
    {
        var tenure = Current ?? await BeginAsync(cancellation);
        var said = report.Now();
        if (IsLeaving)
            said = said with { IsDraining = true };
        var askedAt = time.GetTimestamp();
        var (isAlive, version, nodes) = await _heartbeat.AskAsync(
            (connection, late) => new NodeTables(connection).BeatAsync(identity.Name, tenure.Epoch, said, late),
            cancellation);
        if (!isAlive)
        {
            EndStale(tenure.Epoch);
            return;
        }

        ownership.Renew(askedAt);
        LastBeat = askedAt;
        if (version == ownership.View.Version)
            ownership.Show(nodes);
        else if (await ReadAsync(version, nodes, tenure.Epoch, said, cancellation) is { } view)
            ownership.Show(view);
        tenure.Look();

        foreach (var dead in _deaths.Observe(nodes.Where(each => each.Name != identity.Name)))
            Declare(tenure.Epoch, dead);
        await StandAsync(tenure.Epoch, said, nodes, cancellation);
    }

    // Null: something has changed between the two questions; soon again.
    private async Task<ClusterView?> ReadAsync(
        long version, ImmutableArray<NodeRow> nodes, long epoch, NodeReport said,
        CancellationToken cancellation)
    {
        for (var i = 0; i < 3; i++)
        {
            var (current, slots) = await _heartbeat.AskAsync(
                (connection, late) => new NodeTables(connection).SlotsAsync(late), cancellation);
            if (current == version)
                return new(version, nodes, slots);

            (_, version, nodes) = await _heartbeat.AskAsync(
                (connection, late) => new NodeTables(connection).BeatAsync(identity.Name, epoch, said, late),
                cancellation);
        }

        Wake();
        return null;
    }

    private async Task StandAsync(
        long epoch, NodeReport said, ImmutableArray<NodeRow> nodes,
        CancellationToken cancellation)
    {
        var now = nodes.First(each => each.Name == identity.Name).State;
        var next = _standing.Next(now, said, nodes);
        if (_state != now)
            Log.StateIs(logger, identity.Name, NodeTables.Text(now));
        _state = now;
        if (next == now)
            return;

        await _heartbeat.AskAsync(
            (connection, late) => new NodeTables(connection).SetStateAsync(identity.Name, epoch, next, late),
            cancellation);
        Wake();
    }

    private async Task<Tenure> BeginAsync(CancellationToken cancellation)
    {
        await _ended;
        await identity.EnsureFreeAsync(_heartbeat, options, _lastEpoch, cancellation);
        var askedAt = time.GetTimestamp();
        var epoch = await _heartbeat.AskAsync(
            (connection, late) => new NodeTables(connection).JoinAsync(
                identity.Name, identity.Gateway, identity.Release, late),
            cancellation);
        Log.Joined(logger, identity.Name, epoch, identity.Gateway);
        _lastEpoch = epoch;
        fence.Current = new(identity.Name, epoch);
        LastBeat = askedAt;
        ownership.Renew(askedAt);
        var tenure = new Tenure(
            identity.Name, epoch, options, ownership, new(open), holder, () => EndUncertain(epoch), time, logger);
        lock (_gate)
            _tenure = tenure;
        tenure.Begin();
        return tenure;
    }

    // What it held is not renewed in time: also when the loop above stands still.
    private async Task WatchAsync(CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                await Task.Delay(options.StopsAfter / 40, time, cancellation);
                if (Current is null || !ownership.HasExpired)
                    continue;

                Log.Expired(logger, time.GetElapsedTime(LastBeat).TotalSeconds);
                End();
                ClusterInstruments.Fenced(Labels.Expired);
            }
        }
        catch (OperationCanceledException)
        {
            // It stops.
        }
    }

    private void OnStale()
    {
        if (Current is { } tenure && tenure.Epoch == fence.Current?.Epoch)
            EndStale(tenure.Epoch);
    }

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

        _ = Task.Run(async () =>
        {
            try
            {
                if (!await new Undertaker(open).DeclareDeadAsync(identity.Name, epoch, dead))
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

    private static bool IsOfTheDatabase(Exception error) => PostgresErrors.IsOfTheStore(error);
}
