using System.Diagnostics;
using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Participating;

/// <summary>
/// The one door to the rules of a served user, IM 13. What only passes changes nothing: it costs no save.
/// </summary>
public static class ServedUserMachine
{
    public static Outcome<ServedUser> Apply(
        ServedUser? current, AggregateId id, AggregateEvent happened, Facts facts)
    {
        var outcome = Dispatch(current, id, happened, facts);
        if (happened is not RequestArrived || !ReferenceEquals(outcome.Next, current))
        {
            outcome = outcome.Then(next => WatchRegistrations.Pursue(next, facts));
            outcome = Arrival.Notice(outcome, current, facts);
        }

        return outcome.Next is not { } changed || ReferenceEquals(changed, current)
            ? outcome
            : outcome with { Next = changed with { Revision = (current?.Revision ?? 0) + 1 } };
    }

    /// <summary>When the user wants a <see cref="TimeElapsed"/>; null: never.</summary>
    public static DateTimeOffset? NextDue(ServedUser current) =>
        (Registrations.NextDue(current), WatchRegistrations.NextDue(current)) switch
        {
            ({ } expiry, { } watch) => expiry < watch ? expiry : watch,
            var (expiry, watch) => expiry ?? watch,
        };

    private static Outcome<ServedUser> Dispatch(
        ServedUser? current, AggregateId id, AggregateEvent happened, Facts facts) => happened switch
        {
            RequestArrived arrived => OnRequest(current, id, arrived.Request, facts),
            RegistrationChanged changed =>
                Outcome.Of(Registrations.OnChange(current, id, changed.User, changed.Change, facts)),
            ServiceSettingsChanged changed => Outcome.Of(Set(current, id, changed, facts)),
            DeferralSettled settled => Arrival.OnSettled(current, settled, facts),
            MessagesWait when current is not null => Arrival.OnMessagesWait(current, facts),
            ResponseArrived arrived when current is not null =>
                Outcome.Of(WatchRegistrations.OnResponse(current, arrived, facts)),
            TimeElapsed when current is not null => Outcome.Of(
                Registrations.OnTimeElapsed(WatchRegistrations.OnTimeElapsed(current, facts), facts)),
            NodeStarted when current is not null => Outcome.Of(WatchRegistrations.OnNodeStarted(current, facts)),
            LinkRestarted { EndsOurs: true } when current is not null => Outcome.Of(WatchRegistrations.OnLinkRestarted(current, facts)),
            _ => Outcome.Of(current),
        };

    private static Outcome<ServedUser> OnRequest(
        ServedUser? current, AggregateId id, ImRequest request, Facts facts) => request switch
        {
            PassingRequest { Half: SessionCase.Originating } passing =>
                Outcome.Of(current, OriginatingHalf.OnRequest(current, passing, facts)),
            PassingRequest passing => OnCalled(current, id, passing, facts),
            NotifyRequest notify => WatchRegistrations.OnNotify(current, notify, facts),
            RegisterRequest register => ThirdPartyRegistration.OnRegister(current, id, register, facts),
            OptionsRequest options => new(current, Capabilities.OnOptions(null, options).Effects),
            UnsupportedRequest or ReferRequest or MessageRequest or DepositRequest =>
                new(current, Capabilities.OnUnsupported(null, request).Effects),
            InviteRequest or SubscribeRequest => new(current, Refusals.NoSuchConference(null, request).Effects),
            ReinviteRequest or ByeRequest => new(current, Refusals.NoSuchDialog(null, request).Effects),
            _ => throw new UnreachableException(request.GetType().Name),
        };

    // Who is let through makes us want to know where the user is.
    private static Outcome<ServedUser> OnCalled(
        ServedUser? current, AggregateId id, PassingRequest request, Facts facts) =>
        TerminatingHalf.OnRequest(current, request, facts) is var effect && effect is PassOn
            ? Outcome.Of(WatchRegistrations.Want(current, id, request.Uri, facts), effect)
            : Outcome.Of(current, effect);

    private static ServedUser? Set(
        ServedUser? current, AggregateId id, ServiceSettingsChanged changed, Facts facts)
    {
        if ((current?.Settings ?? ServiceSettings.Default) == changed.Settings
            || (current is null && facts.Served?.OfNode >= facts.Operator.Participating.MaxServedUsers))
            return current;

        var before = current ?? new() { Id = id, Address = changed.User.Bare };
        return Registrations.Settle(before with { Settings = changed.Settings });
    }
}
