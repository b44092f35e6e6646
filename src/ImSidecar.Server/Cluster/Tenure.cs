using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Server.Stores.Postgres;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace ImSidecar.Server.Cluster;

/// <summary>
/// One epoch of this node: takes what is free and falls to it, takes up what it was given, gives away what falls to
/// others, one thing after the other. It begins with nothing and ends with nothing; another one has another epoch.
/// </summary>
internal sealed class Tenure(
    string node, long epoch, ClusterOptions options, ClusterOwnership ownership, ClusterLine line, ISlotHolder holder,
    Action onUncertain, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly SemaphoreSlim _news = new(0, 1);

    // Given away in the version that the number names: until that is seen, what was read before says they are ours.
    private readonly Dictionary<int, long> _given = [];

    private ImmutableHashSet<int> _held = [];
    private ImmutableArray<NodeRow> _nodes = [];
    private long _sameSince;
    private Task _work = Task.CompletedTask;
    private Task _takingUp = Task.CompletedTask;

    public long Epoch => epoch;

    public void Begin()
    {
        ownership.Begin(epoch);
        _sameSince = time.GetTimestamp();
        _work = Task.Run(WorkAsync);
    }

    /// <summary>There is something new to see.</summary>
    public void Look()
    {
        lock (_end)
        {
            if (!_end.IsCancellationRequested && _news.CurrentCount == 0)
                _news.Release();
        }
    }

    /// <summary>When it returns nothing of it goes on.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_end)
            _end.Cancel();
        await Task.Yield();
        try
        {
            await holder.DropAllAsync();
        }
        catch (Exception bug)
        {
            Log.TenureFailed(logger, epoch, bug);
        }

        await _work;
        await _takingUp;
        line.Close();
        _news.Dispose();
        _end.Dispose();
    }

    private async Task WorkAsync()
    {
        try
        {
            while (true)
            {
                await _news.WaitAsync(_end.Token);
                var view = ownership.View;
                Hold(view);
                Take(view);
                await GiveAsync(view);
            }
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            // It is over.
        }
        catch (Exception bug)
        {
            Log.TenureFailed(logger, epoch, bug);
            onUncertain();
        }
    }

    private void Hold(ClusterView view)
    {
        foreach (var (slot, version) in _given.ToList())
        {
            if (view.Version >= version)
                _given.Remove(slot);
        }

        var mine = Enumerable.Range(0, Slot.Count)
            .Where(slot => view.IsOf(slot, node, epoch) && !_given.ContainsKey(slot)).ToImmutableHashSet();
        var news = mine.Except(_held);
        if (news.Count == 0)
            return;

        _held = _held.Union(news);
        ownership.Hold(epoch, _held);
        ClusterInstruments.TakenUp(news.Count);
        Log.TakesUp(logger, news.Count, _held.Count);
        _takingUp = Task.WhenAll(_takingUp, TakeUpAsync(Slots(news)));
    }

    // What is not listed now is found by what happens to it, but its timers and effects wait for it.
    private async Task TakeUpAsync(ImmutableHashSet<Slot> slots)
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                await holder.TakeUpAsync(slots, _end.Token);
                return;
            }
            catch (OperationCanceledException) when (_end.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                Log.NotTakenUp(logger, slots.Count, error);
                await Task.Delay(options.Heartbeat, time, CancellationToken.None);
            }
        }
    }

    private void Take(ClusterView view)
    {
        var free = Enumerable.Range(0, Slot.Count)
            .Where(slot => view.OwnerOf(slot) is null && view.Desired[slot]?.Name == node)
            .Select(slot => new SlotMove(slot, view.Slots[slot], new(node, epoch))).ToList();
        if (free.Count == 0)
            return;

        try
        {
            var (taken, _) = line.Tables.Move(node, epoch, free);
            if (taken > 0)
                Log.Takes(logger, taken, string.Join(", ", free.Select(each => each.From.Owner).Distinct().Order()));
        }
        catch (Exception error) when (error is NpgsqlException || PostgresErrors.IsOfTheStore(error))
        {
            // Whether it was done will be read.
            Log.NotMoved(logger, error.Message);
            line.Close();
        }
    }

    private async Task GiveAsync(ClusterView view)
    {
        var moves = _held
            .Where(slot => view.Desired[slot] is { } other && other.Name != node)
            .Order()
            .Select(slot => new SlotMove(
                slot, view.Slots[slot], new(view.Desired[slot]!.Name, view.Desired[slot]!.Epoch)))
            .Take(options.SlotsAtOnce).ToList();
        if (!IsSettled(view) || moves.Count == 0)
            return;

        var slots = moves.Select(each => each.Slot).ToImmutableHashSet();
        foreach (var slot in slots)
            _given[slot] = long.MaxValue;
        _held = _held.Except(slots);
        ownership.Hold(epoch, _held);
        await holder.GiveUpAsync(Slots(slots), _end.Token);
        try
        {
            var (given, version) = line.Tables.Move(node, epoch, moves);
            foreach (var slot in slots)
                _given[slot] = version;
            ClusterInstruments.GivenUp(given);
            Log.Gives(
                logger, given, string.Join(", ", moves.Select(each => each.To.Owner).Distinct().Order()), _held.Count);
        }
        catch (Exception error) when (error is NpgsqlException || PostgresErrors.IsOfTheStore(error))
        {
            // It may still be done later, when this node would hold them again: only another epoch is certain.
            Log.NotMoved(logger, error.Message);
            onUncertain();
        }
    }

    // A node that nothing falls to does not wait until the others are settled.
    private bool IsSettled(ClusterView view)
    {
        if (!Same(_nodes, view.Eligible))
            (_nodes, _sameSince) = (view.Eligible, time.GetTimestamp());
        return time.GetElapsedTime(_sameSince) >= options.SettleTime
            || !view.Eligible.Any(each => each.Name == node);
    }

    private static bool Same(ImmutableArray<NodeRow> these, ImmutableArray<NodeRow> those) =>
        these.Select(each => (each.Name, each.Epoch)).SequenceEqual(those.Select(each => (each.Name, each.Epoch)));

    private static ImmutableHashSet<Slot> Slots(IEnumerable<int> numbers) =>
        [.. numbers.Select(number => new Slot(number))];
}
