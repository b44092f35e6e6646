using System.Diagnostics;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Notifications;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Documents;

/// <summary>The one door to the rules of our own subscription to a remote XDMS, RFC 5875.</summary>
public static class DocumentWatchMachine
{
    public static Outcome<DocumentWatch> Apply(
        DocumentWatch? current, AggregateId id, AggregateEvent happened, Facts facts)
    {
        var outcome = Dispatch(current, id, happened, facts);
        if (happened is not RequestArrived || !ReferenceEquals(outcome.Next, current))
            outcome = outcome.Then(next => Pursue(next, facts));

        return outcome.Next is not { } changed || ReferenceEquals(changed, current)
            ? outcome
            : outcome with { Next = changed with { Revision = (current?.Revision ?? 0) + 1 } };
    }

    /// <summary>When the watch wants a <see cref="TimeElapsed"/>; null: never.</summary>
    public static DateTimeOffset? NextDue(DocumentWatch current)
    {
        if (current.Dialog is not { } dialog)
            return current.RetryAt;

        return dialog.AnswerBy ?? (Names(current) && current.RetryAt < dialog.RefreshAt
            ? current.RetryAt
            : dialog.RefreshAt);
    }

    private static Outcome<DocumentWatch> Dispatch(
        DocumentWatch? current, AggregateId id, AggregateEvent happened, Facts facts)
    {
        if (happened is RequestArrived arrived)
            return OnRequest(current, arrived.Request, facts);

        if (happened is DocumentsWanted wanted)
            return Outcome.Of(Want(current, id, wanted, facts));

        if (current is null)
            return Outcome.Of<DocumentWatch>(null);

        return Outcome.Of(happened switch
        {
            ResponseArrived response when SubscriberDialog.IsAwaited(current.Dialog, response) =>
                current.With(SubscriberDialog.OnResponse(current.Subscriber, response.Response, facts)),
            TimeElapsed when current.Dialog?.AnswerBy <= facts.Now =>
                current.With(SubscriberDialog.OnTimeout(current.Subscriber, facts)),
            NodeStarted => OnNodeStarted(current, facts),
            LinkRestarted { EndsOurs: true } => OnLinkRestarted(current, facts),
            _ => current,
        });
    }

    private static Outcome<DocumentWatch> OnRequest(DocumentWatch? current, ImRequest request, Facts facts) =>
        request switch
        {
            NotifyRequest notify => WatchNotify.OnNotify(current, notify, facts),
            OptionsRequest options => new(current, Capabilities.OnOptions(null, options).Effects),
            UnsupportedRequest or PassingRequest or DepositRequest or RegisterRequest or MessageRequest =>
                new(current, Capabilities.OnUnsupported(null, request).Effects),
            InviteRequest or SubscribeRequest => new(current, Refusals.NoSuchConference(null, request).Effects),
            ReinviteRequest or ByeRequest => new(current, Refusals.NoSuchDialog(null, request).Effects),
            _ => throw new UnreachableException(request.GetType().Name),
        };

    private static DocumentWatch? Want(DocumentWatch? current, AggregateId id, DocumentsWanted wanted, Facts facts)
    {
        if (current is null)
            return wanted.Documents.IsEmpty ? null : new() { Id = id, Wanted = wanted.Documents, RetryAt = facts.Now };

        var documents = wanted.Documents.ToHashSet();
        if (documents.SetEquals(current.Wanted))
            return current;

        // What has a place in the list keeps it. Names that come together are asked for together.
        var next = current with { Wanted = [.. current.Asked.Where(documents.Remove), .. documents] };
        return current.Dialog is null || Names(current) || !Names(next)
            ? next
            : next with { RetryAt = facts.Now + facts.Operator.NotifyInterval };
    }

    // Some documents in use are not named to the notifier yet, and there is room in the list.
    private static bool Names(DocumentWatch watch) =>
        watch.Wanted.Take(DocumentWatch.MaxDocuments).Except(watch.Asked).Any();

    // What was told while we were away is lost, whatever the notifier made of it: everything is to be told again. The first
    // NOTIFY of a SUBSCRIBE under way may be lost too, and with it what its 2xx would promise.
    private static DocumentWatch? OnNodeStarted(DocumentWatch watch, Facts facts) =>
        OnLinkRestarted(watch, facts) is not { } resumed ? null : resumed.Dialog switch
        {
            { IsActive: true } dialog => resumed with
            {
                Told = [],
                AwaitsFullState = true,
                Dialog = dialog with { RefreshAt = facts.Now },
            },
            _ => resumed with { Told = [] },
        };

    private static DocumentWatch? OnLinkRestarted(DocumentWatch watch, Facts facts)
    {
        var before = watch.Subscriber;
        var after = SubscriberDialog.OnLinkRestarted(before, facts);
        return ReferenceEquals(before, after) ? watch : watch.With(after);
    }

    // What has to be asked now, one SUBSCRIBE at a time.
    private static Outcome<DocumentWatch> Pursue(DocumentWatch watch, Facts facts)
    {
        // Subscribed elsewhere, or nowhere, by now: a NOTIFY to this one finds nobody.
        if (facts.Watch is not { } to)
            return Outcome.Of<DocumentWatch>(null);

        if (watch.Dialog is not { } dialog)
        {
            if (watch.Wanted.IsEmpty)
                return Outcome.Of<DocumentWatch>(null);

            return watch.RetryAt is null || watch.RetryAt <= facts.Now
                ? WatchRequests.Begin(watch, to, facts)
                : Outcome.Of(watch);
        }

        if (dialog.AnswerBy is not null)
            return Outcome.Of(watch);

        if (watch.Wanted.IsEmpty)
            return WatchRequests.End(watch, to, facts);

        if (dialog.ExpiresAt <= facts.Now)
            return WatchRequests.Begin(watch, to, facts);

        return dialog.RefreshAt <= facts.Now || (Names(watch) && (watch.RetryAt is null || watch.RetryAt <= facts.Now))
            ? WatchRequests.Refresh(watch, to, facts)
            : Outcome.Of(watch);
    }
}
