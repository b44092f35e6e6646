using System.Globalization;
using ImSidecar.Admin.V1;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Controlling;
using ImSidecar.Msrp;
using ImSidecar.Protocol.Sip.Requests;
using ImSidecar.Server.Hosting;

namespace ImSidecar.Server.Admin;

/// <summary>What a trace says of an event, a decision or an effect: names, codes, reasons; never a body.</summary>
internal static class TraceText
{
    private const int Longest = 512;

    /// <summary>As text at once: what is waited for with it is not kept in memory, nor what is of any length.</summary>
    public static void Tell(this Onlookers<TraceItem> traces, string id, TraceRecord record, Conference? now = null)
    {
        foreach (var item in Of(record, now))
            traces.Tell(id, item);
    }

    public static IReadOnlyList<TraceItem> Of(TraceRecord record, Conference? now)
    {
        var items = ItemsOrBug(record, now);
        foreach (var item in items)
        {
            item.AtMs = record.At.ToUnixTimeMilliseconds();
            (item.CallId, item.From, item.To) = (Cut(item.CallId), Cut(item.From), Cut(item.To));
            (item.Uri, item.Detail) = (Cut(item.Uri), Cut(item.Detail));
        }

        return items;
    }

    // A bug here is not to cost the conference what happens to it.
    private static List<TraceItem> ItemsOrBug(TraceRecord record, Conference? now)
    {
        try
        {
            return [.. Items(record, now)];
        }
        catch (Exception bug)
        {
            return [new() { Kind = "in", What = record.GetType().Name, Detail = "not told: " + bug.GetType().Name }];
        }
    }

    private static string Cut(string text) => text.Length <= Longest ? text : text[..(Longest - 3)] + "...";

    private static IEnumerable<TraceItem> Items(TraceRecord record, Conference? now) => record switch
    {
        DecisionTraced decision => [In(decision.Event), .. Decided(decision)],
        EffectTraced effect => [Out(effect)],
        LegTraced leg => [Leg(leg.Event, now)],
        _ => [],
    };

    private static TraceItem In(AggregateEvent happened) => happened switch
    {
        RequestArrived { Request: { } request } => new()
        {
            Kind = "in",
            What = request.Method,
            CallId = request.CallId,
            From = request.From.Uri.Text,
            To = request.To.Uri.Text,
            Uri = request.Uri.Text,
            Detail = Detail(request),
        },
        ResponseArrived { Key: var key, Response: var response } => new()
        {
            Kind = "in",
            What = Text($"{response.Status.Code} {key.Method}"),
            Status = response.Status.Code,
            Participant = key.Owner,
            CallId = response.Headers.First("Call-ID") ?? "",
            Detail = response.Status.Reason + (response.IsLocal ? " (by Kamailio itself)" : ""),
        },
        InviteAcknowledged acknowledged => new() { Kind = "in", What = "ACK", CallId = acknowledged.Dialog.CallId },
        InviteCancelled => new() { Kind = "in", What = "CANCEL" },
        AckTimedOut late => new() { Kind = "in", What = "ACK", CallId = late.Dialog.CallId, Detail = "has not come" },
        RequestTransactionEnded ended => new()
        {
            Kind = "in",
            What = Text($"{ended.Code}"),
            Status = ended.Code,
            Detail = "sent by Kamailio, not by us",
        },
        NicknameAsked asked => new() { Kind = "in", What = "NICKNAME", Detail = asked.Nickname },
        ReleaseOrdered order => new() { Kind = "in", What = "release", Detail = "by the operator " + order.Reason },
        ExpulsionOrdered order => new()
        {
            Kind = "in",
            What = "expel",
            Uri = order.User.Text,
            Detail = "by the operator " + order.Reason,
        },
        TimeElapsed => new() { Kind = "timer", What = "deadline" },
        LegConnected leg => new() { Kind = "in", What = nameof(LegConnected), Detail = Short(leg.SessionId) },
        LegLost leg => new() { Kind = "in", What = nameof(LegLost), Detail = Short(leg.SessionId) },
        _ => new() { Kind = "in", What = happened.GetType().Name },
    };

    private static string Detail(ImRequest request) => request switch
    {
        SubscribeRequest subscribe => $"Event: {subscribe.Event}"
            + (subscribe.Expires is { } seconds ? Text($", Expires: {seconds}") : ""),
        ReferRequest { Targets: { Length: > 0 } targets } =>
            $"{targets[0].Method} {targets[0].Address.Text}"
            + (targets.Length > 1 ? Text($" and {targets.Length - 1} more") : ""),
        _ => "",
    };

    private static IEnumerable<TraceItem> Decided(DecisionTraced decision)
    {
        var (before, after) = (decision.Before as Conference, decision.After as Conference);
        if (ReferenceEquals(before, after))
            return [];

        var detail = after is null ? "forgotten" : string.Join(", ", Differences(before, after));
        return [new() { Kind = "decision", What = "state", Revision = after?.Revision ?? 0, Detail = detail }];
    }

    private static IEnumerable<string> Differences(Conference? before, Conference after)
    {
        if (before?.Phase != after.Phase)
            yield return before is null ? Low(after.Phase) : $"{Low(before.Phase)} -> {Low(after.Phase)}";

        var changes = ConferenceChanges.Between(before, after);
        foreach (var part in changes.Participants.OrderBy(each => each.Number))
        {
            var was = before?.Participants.GetValueOrDefault(part.Id);
            var (old, now) = (was is null ? "" : ConferenceWire.State(was), ConferenceWire.State(part));
            if (old != now)
                yield return old.Length == 0 ? $"{part.Id} {now}" : $"{part.Id} {old} -> {now}";
        }

        foreach (var id in changes.RemovedParticipants)
            yield return id + " gone";
        foreach (var subscription in changes.Subscriptions.Where(each => before?.Subscriptions.Find(each.Id) is null))
            yield return subscription.Id + " subscribed";
        foreach (var subscription in changes.RemovedSubscriptions)
            yield return subscription.Id + " unsubscribed";
    }

    private static TraceItem Out(EffectTraced traced)
    {
        var item = Out(traced.Effect);
        item.Kind = "out";
        if (!traced.HasLink && traced.Effect is not (OpenLeg or CloseLeg or AnswerNickname))
            item.Detail = (item.Detail + " (waits: no Kamailio is attached)").Trim();
        return item;
    }

    private static TraceItem Out(Effect effect) => effect switch
    {
        Respond respond => new()
        {
            What = Text($"{respond.Status.Code}"),
            Status = respond.Status.Code,
            Detail = respond.Status.Reason + Behind(": ", respond.Warning)
                + (respond.Explanation == respond.Warning ? "" : Behind("; ", respond.Explanation)),
        },
        SendRequest { Key: var key, Request: var request } => new()
        {
            What = request.Method,
            CallId = request.CallId,
            From = request.From,
            To = request.To,
            Uri = request.Uri.Text,
            Participant = key.Owner,
            Detail = request.Headers.First("Reason") ?? request.Headers.First("Subscription-State") ?? "",
        },
        SendNotify notify => new()
        {
            What = "NOTIFY",
            CallId = notify.Dialog.CallId,
            Participant = notify.Key.Owner,
            Detail = Text($"{notify.SubscriptionState}, {Low(notify.Scope)} state, version {notify.Version}"),
        },
        SendAck ack => new() { What = "ACK", CallId = ack.CallId, Uri = ack.Uri.Text, Participant = ack.Key.Owner },
        SendCancel cancel => new() { What = "CANCEL", Participant = cancel.Key.Owner },
        OpenLeg open => new() { What = nameof(OpenLeg), Detail = Short(open.Media.SessionId) },
        CloseLeg close => new() { What = nameof(CloseLeg), Detail = Short(close.SessionId) },
        AnswerNickname answer => new() { What = "NICKNAME", Status = answer.Status },
        _ => new() { What = effect.GetType().Name },
    };

    private static TraceItem Leg(MsrpLegEvent happened, Conference? now) => new()
    {
        Kind = "leg",
        What = happened.GetType().Name,
        Participant = now?.PartOfMedia(happened.SessionId)?.Id ?? "",
        Detail = happened switch
        {
            MsrpLegLost lost => $"{Short(happened.SessionId)}: {lost.Loss}",
            MsrpLegNickname asked => $"{Short(happened.SessionId)}: {asked.Nickname}",
            _ => Short(happened.SessionId),
        },
    };

    private static string Behind(string separator, string? text) => text is null ? "" : separator + text;

    private static string Short(string sessionId) => ConferenceWire.Short(sessionId);

    private static string Low<T>(T value)
        where T : struct, Enum =>
        value.ToString().ToLowerInvariant();

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
