using ImSidecar.Core.Conferences;
using ImSidecar.Core.Deferred;
using ImSidecar.Core.Participating;
using ImSidecar.Msrp;
using ImSidecar.Protocol.Msrp;
using ImSidecar.Server.Hosting;
using ImSidecar.Server.Participating;
using ImSidecar.Server.Stores;
using ImSidecar.Server.Stores.Deferred;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Deferred;

/// <summary>
/// App. D.2: keeps what is said to users who are away, one message of a session after the other. Who said it hears 200
/// when it is on disk, and not before.
/// </summary>
internal sealed class DepositTaker(
    IMsrpSwitch msrp, IDeferredMessageStore store, DeferredSessions sessions, AggregateRouter router,
    ServedUserIds users, IWaitingNews news, Live<OperatorPolicy> policy, TimeProvider time, ILogger<DepositTaker> logger)
{
    // The switch bounds the bytes; these wait for the store.
    private const int MostUnderway = 4096;

    private int _underway;

    /// <summary>Takes it over and returns at once: the events of other legs do not wait for the store.</summary>
    public void Take(MsrpMessageArrived arrived)
    {
        if (sessions.DepositOf(arrived.SessionId) is not { } deposit)
        {
            msrp.AnswerMessage(arrived.SessionId, arrived.Token, MsrpStatus.Forbidden);
            return;
        }

        deposit.LastMessageAt = time.GetUtcNow();
        if (Interlocked.Increment(ref _underway) > MostUnderway)
        {
            Interlocked.Decrement(ref _underway);
            Answer(arrived, Deferral.Unavailable);
            return;
        }

        deposit.Last = TakeAsync(deposit.Last, deposit, arrived);
    }

    private async Task TakeAsync(Task before, OpenDeposit deposit, MsrpMessageArrived arrived)
    {
        try
        {
            // Never fails: this very method is what came before.
            await before;
            await Task.Yield();
            await KeepAsync(deposit.Session, arrived);
        }
        catch (StoreUnavailableException)
        {
            Answer(arrived, Deferral.Unavailable);
        }
        catch (Exception bug)
        {
            Log.NotKept(logger, new(arrived.BridgeId), bug);
            Answer(arrived, Deferral.Unavailable);
        }
        finally
        {
            Interlocked.Decrement(ref _underway);
        }
    }

    private async Task KeepAsync(DeferredSession session, MsrpMessageArrived arrived)
    {
        var (message, status, comment) =
            new DepositedMessage(arrived.MessageId, arrived.ContentType, arrived.Head, arrived.Body)
                .For(session, policy.Value.Deferred, time.GetUtcNow());
        if (message is null)
        {
            msrp.AnswerMessage(arrived.SessionId, arrived.Token, status, comment);
            return;
        }

        var outcome = await store.AddAsync(message, policy.Value.Deferred.Quota, CancellationToken.None);
        Answer(arrived, outcome);

        // He may have come meanwhile, and who looked for messages then has not seen this one.
        if (outcome == Deferral.Kept)
            await WaitingMessages.TellAsync(router, news, users.OfKey(message.User), message.User);
    }

    private void Answer(MsrpMessageArrived arrived, Deferral outcome)
    {
        var (status, comment) = DepositedMessage.AnswerTo(outcome);
        msrp.AnswerMessage(arrived.SessionId, arrived.Token, status, comment);
    }
}
