using ImSidecar.Core.Conferences;
using ImSidecar.Msrp;
using ImSidecar.Server.Admin;
using ImSidecar.Server.Deferred;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Hosting;

/// <summary>Takes what happens to MSRP legs to their conferences: the bridge of a leg is its conference.</summary>
internal sealed class LegEventReader(
    IMsrpSwitch msrp, AggregateRouter router, DeliveryRunner deliveries, DepositTaker deposits,
    ConferenceDirectory directory, TimeProvider time, ILogger<LegEventReader> logger) : BackgroundService
{
    // Before the first connection.
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        msrp.AwaitLegs(() => router.Resumption.Complete);
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stopping)
    {
        try
        {
            await foreach (var happened in msrp.Events.ReadAllAsync(stopping))
            {
                if (logger.IsEnabled(LogLevel.Debug))
                    Log.LegEvent(logger, new(happened.BridgeId), NameOf(happened));
                if (directory.Traces.AreSeen(happened.BridgeId))
                    directory.Traces.Tell(
                        happened.BridgeId, new LegTraced(time.GetUtcNow(), happened),
                        router.Peek(new(happened.BridgeId)) as Conference);
                switch (happened)
                {
                    case MsrpMessageArrived arrived:
                        deposits.Take(arrived);
                        break;
                    case MsrpMessageSettled settled:
                        deliveries.On(settled);
                        break;
                    case MsrpMessageReported reported:
                        deliveries.On(reported);
                        break;
                    default:
                        if (Of(happened) is { } told)
                            router.TryPost(new(happened.BridgeId), told);
                        break;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The node stops.
        }
    }

    // No session id: who knows it may write there. No name and no message either.
    private static string NameOf(MsrpLegEvent happened) => happened switch
    {
        MsrpLegLost lost => $"{nameof(MsrpLegLost)} {lost.Loss}",
        MsrpMessageSettled settled => $"{nameof(MsrpMessageSettled)} {settled.Status}",
        MsrpMessageReported reported => $"{nameof(MsrpMessageReported)} {reported.Status}",
        _ => happened.GetType().Name,
    };

    // Who was just lost may come back, and the switch waits for him; who only answers nothing may answer again.
    private static AggregateEvent? Of(MsrpLegEvent happened) => happened switch
    {
        MsrpLegNickname asked => new NicknameAsked(asked.SessionId, asked.Transaction, asked.Nickname),
        MsrpLegConnected => new LegConnected(happened.SessionId),
        MsrpLegLost { Loss: MsrpLoss.NeverConnected or MsrpLoss.ConnectFailed } => new LegLost(happened.SessionId),
        _ => null,
    };
}
