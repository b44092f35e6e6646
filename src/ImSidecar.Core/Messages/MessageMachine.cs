using System.Diagnostics;
using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Messages;

/// <summary>The one door to the rules of page messages to several, RFC 3428 and RFC 5365.</summary>
public static class MessageMachine
{
    public static Outcome<PageMessage> Apply(
        PageMessage? current, AggregateId id, AggregateEvent happened, Facts facts)
    {
        var outcome = Dispatch(current, id, happened, facts);
        return outcome.Next is not { } changed || ReferenceEquals(changed, current)
            ? outcome
            : outcome with { Next = changed with { Revision = (current?.Revision ?? 0) + 1 } };
    }

    /// <summary>When the message wants a <see cref="TimeElapsed"/>; null: never.</summary>
    public static DateTimeOffset? NextDue(PageMessage current) => Delivery.NextDue(current);

    private static Outcome<PageMessage> Dispatch(
        PageMessage? current, AggregateId id, AggregateEvent happened, Facts facts)
    {
        if (happened is RequestArrived arrived)
            return OnRequest(current, id, arrived.Request, facts);

        if (happened is NoticeWanted wanted)
            return TellOfKept.OnWanted(current, id, wanted.Notice, facts);

        if (current is null)
            return Outcome.Of<PageMessage>(null);

        return happened switch
        {
            ResponseArrived response => Delivery.OnResponse(current, response, facts),
            TimeElapsed => Delivery.OnTimeElapsed(current, facts),
            NodeStarted => Outcome.Of(Delivery.WithMoreTime(current, isSentAgain: false, facts)),
            LinkRestarted { EndsOurs: true } => Outcome.Of(Delivery.WithMoreTime(current, isSentAgain: true, facts)),
            _ => Outcome.Of(current),
        };
    }

    private static Outcome<PageMessage> OnRequest(
        PageMessage? current, AggregateId id, ImRequest request, Facts facts) => request switch
        {
            MessageRequest message when message.Uri.User == id.Value =>
                TakeNotice.OnMessage(current, message, facts),
            MessageRequest message => SendToMany.OnMessage(current, id, message, facts),
            OptionsRequest options => new(current, Capabilities.OnOptions(null, options).Effects),
            InviteRequest => new(current, Refusals.NoSuchConference(null, request).Effects),
            ReinviteRequest or ByeRequest => new(current, Refusals.NoSuchDialog(null, request).Effects),
            UnsupportedRequest or NotifyRequest or ReferRequest or SubscribeRequest or PassingRequest or DepositRequest
                or RegisterRequest =>
                new(current, Capabilities.OnUnsupported(null, request).Effects),
            _ => throw new UnreachableException(request.GetType().Name),
        };
}
