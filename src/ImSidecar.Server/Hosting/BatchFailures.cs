using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;
using ImSidecar.Server.Telemetry;

namespace ImSidecar.Server.Hosting;

/// <summary>
/// What becomes of a batch that could not be worked off: requests are answered, all else is tried again or given up.
/// </summary>
internal sealed class BatchFailures(AggregateId id, HeldAggregate held, MailboxServices services)
{
    public static string CallIdOf(List<MailboxItem> batch) =>
        CallIds.Of(batch.OfType<Happened>().Select(item => item.Event).FirstOrDefault(each => each is RequestArrived));

    /// <summary>The world failed, not the rules: requests are refused; returns what is to be tried again.</summary>
    public async Task<List<MailboxItem>> TakeBackAsync(List<MailboxItem> batch, bool mayBeWritten)
    {
        List<MailboxItem> again = [];
        foreach (var item in batch)
        {
            if (RequestOf(item) is not { } request)
                again.Add(item);
            else if (await RefuseAsync(request, item) is var ended && mayBeWritten)
                again.Add(ended);
        }

        if (!mayBeWritten)
            return again;

        // A save that seemed to fail may have been written: then what it owes is to be performed.
        held.Distrust();
        if (!again.Exists(item => item is PerformPending))
            again.Add(new PerformPending());
        return again;
    }

    /// <summary>It would fail again for ever; returns what comes instead of it.</summary>
    public async Task<List<MailboxItem>> GiveUpAsync(MailboxItem item, Exception bug)
    {
        Log.EventGivenUp(services.Logger, id.Kind, id, CallIdOf([item]), bug);
        Instruments.Failed(Labels.Save);
        held.Rest();
        await FailAsync(item);
        List<MailboxItem> instead = item is PerformPending ? [] : [new PerformPending()];
        if (item is Happened { Event: not RequestArrived } lost)
            instead.Add(new EventGivenUp(lost.Event, lost.Receipt));
        else
            item.Receipt?.Confirm();
        return instead;
    }

    /// <summary>The aggregate stays in the store as it is, for a release that can read it.</summary>
    public async Task RefuseAllAsync(List<MailboxItem> batch)
    {
        foreach (var item in batch)
        {
            await FailAsync(item);
            item.Receipt?.Confirm();
        }
    }

    private static ImRequest? RequestOf(MailboxItem item) =>
        item is Happened { Event: RequestArrived { Request: { } request } } ? request : null;

    private async Task FailAsync(MailboxItem item)
    {
        if (RequestOf(item) is { } request)
            await held.RespondAsync(request, SipStatus.ServerInternalError, "Internal error");
    }

    // Was it written after all, the rules hear that it got another answer.
    private async Task<MailboxItem> RefuseAsync(ImRequest request, MailboxItem item)
    {
        await held.RespondAsync(request, SipStatus.ServiceUnavailable, "Store not writable");
        item.Receipt?.Confirm();
        return new Happened(
            new RequestTransactionEnded(request.Transaction, SipStatus.ServiceUnavailable.Code), null);
    }
}
