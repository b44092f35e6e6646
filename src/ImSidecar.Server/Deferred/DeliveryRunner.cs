using ImSidecar.Core.Conferences;
using ImSidecar.Core.Deferred;
using ImSidecar.Msrp;
using ImSidecar.Protocol.Msrp;
using ImSidecar.Server.Options;
using ImSidecar.Server.Stores;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Deferred;

/// <summary>
/// App. D.2, steps 8 and 9: brings what is kept for a user over a leg, message by message. A message leaves the store
/// when the client has confirmed it, and then for certain; the next one follows.
/// </summary>
internal sealed class DeliveryRunner(
    IDeferredMessageStore store, IMsrpSwitch msrp, Live<OperatorPolicy> policy, IOptions<DeferredOptions> options,
    IOptions<MsrpOptions> msrpOptions, TimeProvider time, ILogger<DeliveryRunner> logger)
    : IHostedLifecycleService, IDisposable
{
    private const int MostAtOnce = 4096;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Delivery> _byUser = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Delivery> _bySession = new(StringComparer.Ordinal);
    private readonly DeliverySource _source = new(store, time);
    private readonly SemaphoreSlim _turns = new(MostAtOnce);
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isStopping;

    /// <summary>Begins, or has a delivery that runs look again; told once how it ended.</summary>
    public void Begin(Deliver deliver, Action<DeliveryOutcome> ended)
    {
        Delivery? delivery = null;
        CancellationToken stopping;
        lock (_gate)
        {
            // The next node begins anew.
            if (_isStopping)
                return;

            stopping = _stopping.Token;
            if (_bySession.TryGetValue(deliver.Media.SessionId, out var running) && running.User == deliver.User)
            {
                running.Next = Both(running.Next, deliver);
                return;
            }

            if (!_byUser.ContainsKey(deliver.User))
            {
                delivery = new(deliver, ended);
                _byUser[deliver.User] = _bySession[deliver.Media.SessionId] = delivery;
            }
        }

        if (delivery is null)
            ended(DeliveryOutcome.Busy);
        else
            _ = Task.Run(() => RunAsync(delivery, stopping));
    }

    public void On(MsrpMessageSettled settled) => Find(settled.SessionId)?.On(settled);

    public void On(MsrpMessageReported reported) => Find(reported.SessionId)?.On(reported);

    /// <summary>Before connections close: a session that ends with the node is resumed with the next one.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _isStopping = true;
            if (_bySession.Count == 0)
                _idle.TrySetResult();
        }

        // What was confirmed last is still removed.
        await _stopping.CancelAsync();
        await _idle.Task.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        _stopping.Dispose();
        _source.Dispose();
        _turns.Dispose();
    }

    private async Task RunAsync(Delivery delivery, CancellationToken stopping)
    {
        DeliveryOutcome? outcome;
        try
        {
            await _turns.WaitAsync(stopping);
            try
            {
                do
                    outcome = await RunAsync(delivery, TakeNext(delivery), stopping);
                while (outcome is DeliveryOutcome.Drained or DeliveryOutcome.Unsuited && !TryForget(delivery));
            }
            finally
            {
                _turns.Release();
            }
        }
        catch (StoreUnavailableException)
        {
            outcome = DeliveryOutcome.StoreUnavailable;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            outcome = null;
        }
        catch (Exception bug)
        {
            Log.NotDelivered(logger, delivery.User, bug);
            outcome = DeliveryOutcome.StoreUnavailable;
        }

        Forget(delivery);
        if (outcome is { } known && !stopping.IsCancellationRequested)
            delivery.End(known);
    }

    private async Task<DeliveryOutcome> RunAsync(Delivery delivery, Deliver wanted, CancellationToken cancellation)
    {
        var underway = new Queue<Flight>();
        await using var messages = _source.ReadAsync(wanted, cancellation).GetAsyncEnumerator(cancellation);
        var outcome = DeliveryOutcome.Drained;
        var hasMore = true;
        try
        {
            while (outcome == DeliveryOutcome.Drained)
            {
                while (hasMore && outcome == DeliveryOutcome.Drained && underway.Count < options.Value.Window
                    && (hasMore = await messages.MoveNextAsync()))
                    outcome = Start(delivery, messages.Current, underway);

                if (!underway.TryPeek(out var next))
                    break;

                outcome = Worse(outcome, await FinishAsync(delivery, next, cancellation));
                underway.Dequeue();
                delivery.Remove(next);
            }

            // What the client confirms all the same it does not get again.
            while (underway.TryPeek(out var left))
            {
                await FinishAsync(delivery, left, cancellation);
                underway.Dequeue();
                delivery.Remove(left);
            }
        }
        finally
        {
            foreach (var flight in underway)
                delivery.Remove(flight);
        }

        return outcome == DeliveryOutcome.Drained && delivery.Unsuited.Count > 0 ? DeliveryOutcome.Unsuited : outcome;
    }

    // Drained: it goes on.
    private DeliveryOutcome Start(Delivery delivery, DeferredMessage message, Queue<Flight> underway)
    {
        if (delivery.Unsuited.Contains(message.Number))
            return DeliveryOutcome.Drained;

        var flight = delivery.Add(message, policy.Value.Deferred.Encapsulation);
        if (flight.Next() is not { } packed)
        {
            delivery.Unsuited.Add(message.Number);
            delivery.Remove(flight);
            return DeliveryOutcome.Drained;
        }

        if (!msrp.Send(delivery.SessionId, packed))
        {
            delivery.Remove(flight);
            return DeliveryOutcome.Lost;
        }

        underway.Enqueue(flight);
        return DeliveryOutcome.Drained;
    }

    private async Task<DeliveryOutcome> FinishAsync(Delivery delivery, Flight flight, CancellationToken cancellation)
    {
        while (true)
        {
            var status = await StatusAsync(delivery, flight, cancellation);
            switch (status)
            {
                case MsrpStatus.Ok:
                    await store.RemoveAsync(
                        delivery.User, [flight.Message.Number], DeferredEnd.Delivered, time.GetUtcNow(),
                        CancellationToken.None);
                    return DeliveryOutcome.Drained;

                // RFC 4975 10: not this one, or not like this.
                case MsrpStatus.BadRequest or MsrpStatus.StopSending or MsrpStatus.UnsupportedMediaType
                    or MsrpStatus.NotImplemented:
                    if (flight.Next() is not { } other)
                    {
                        delivery.Unsuited.Add(flight.Message.Number);
                        return DeliveryOutcome.Drained;
                    }

                    if (!msrp.Send(delivery.SessionId, other))
                        return DeliveryOutcome.Lost;

                    break;

                case 0 or MsrpStatus.Timeout or MsrpStatus.NoSuchSession or MsrpStatus.SessionOnOtherConnection:
                    return DeliveryOutcome.Lost;

                default:
                    return DeliveryOutcome.Refused;
            }
        }
    }

    private async Task<int> StatusAsync(Delivery delivery, Flight flight, CancellationToken cancellation)
    {
        var status = await flight.Settled.WaitAsync(cancellation);
        if (status != MsrpStatus.Ok || !delivery.NeedsReports)
            return status;

        try
        {
            return await flight.Reported.WaitAsync(msrpOptions.Value.TransactionTimeout, time, cancellation);
        }
        catch (TimeoutException)
        {
            return 0;
        }
    }

    private static DeliveryOutcome Worse(DeliveryOutcome known, DeliveryOutcome next) =>
        known == DeliveryOutcome.Drained ? next : known;

    private Deliver TakeNext(Delivery delivery)
    {
        lock (_gate)
        {
            var next = delivery.Next!;
            delivery.Next = null;
            return next;
        }
    }

    // False: it is to look again, and who asks from now on is heard by that.
    private bool TryForget(Delivery delivery)
    {
        lock (_gate)
        {
            if (delivery.Next is not null)
                return false;

            Remove(delivery);
            return true;
        }
    }

    private void Forget(Delivery delivery)
    {
        lock (_gate)
            Remove(delivery);
    }

    private void Remove(Delivery delivery)
    {
        if (_byUser.GetValueOrDefault(delivery.User) == delivery)
            _byUser.Remove(delivery.User);
        if (_bySession.GetValueOrDefault(delivery.SessionId) == delivery)
            _bySession.Remove(delivery.SessionId);
        if (_isStopping && _bySession.Count == 0)
            _idle.TrySetResult();
    }

    private Delivery? Find(string sessionId)
    {
        lock (_gate)
            return _bySession.GetValueOrDefault(sessionId);
    }

    private static Deliver Both(Deliver? waiting, Deliver wanted) =>
        waiting is null ? wanted
        : waiting.Only.IsDefaultOrEmpty || wanted.Only.IsDefaultOrEmpty ? wanted with { Only = [] }
        : wanted with { Only = [.. waiting.Only.Union(wanted.Only)] };
}
