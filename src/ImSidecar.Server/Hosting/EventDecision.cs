using ImSidecar.Core.Conferences;
using ImSidecar.Core.Participating;
using ImSidecar.Protocol.Sip;
using ImSidecar.Server.Admin;
using ImSidecar.Server.Telemetry;
using ImSidecar.Server.Telemetry.Tracing;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Hosting;

/// <summary>Has the rules decide on what came into a mailbox, one after the other.</summary>
internal sealed class EventDecision(AggregateId id, IAggregateKind kind, WakeTimes wakes, MailboxServices services)
{
    /// <summary>What the aggregate becomes; what is to be done for that is added.</summary>
    public async ValueTask<Aggregate?> OnAsync(MailboxItem item, Aggregate? current, List<Owed> owed)
    {
        var now = services.Time.GetUtcNow();
        var happened = item switch
        {
            Happened each => each.Event,
            Wake when current is not null && wakes.IsLate(current, now) => new TimeElapsed(),
            _ => null,
        };
        if (happened is null)
            return current;

        var facts = new Facts
        {
            Now = now,
            Entropy = services.Entropy.Next(),
            Operator = services.Policy,
            SecureMedia = services.Identity.Current,
        };
        using var part = Traces.Part("decide", of: item.Span);
        try
        {
            facts = await kind.ReadFactsAsync(current, happened, facts, CancellationToken.None);
            var (next, added) = kind.Apply(current, id, happened, facts);
            if (services.Logger.IsEnabled(LogLevel.Debug))
                Log.Decided(services.Logger, id.Kind, id, happened.GetType().Name, added.Length, CallIds.Of(happened));

            foreach (var effect in added)
                owed.Add(Owed.By(happened, effect, EndedBy(effect, happened), item.Span));

            if (services.Traces.AreSeen(id.Value))
                services.Traces.Tell(id.Value, new DecisionTraced(now, happened, current, next));
            return next;
        }
        catch (Exception bug)
        {
            // A bug in a rule costs its event, not the aggregate.
            Log.RuleFailed(services.Logger, id.Kind, id, happened.GetType().Name, CallIds.Of(happened), bug);
            Instruments.Failed(Labels.Rule);
            wakes.Rest();
            if (happened is RequestArrived { Request: { } request })
            {
                var failed = new Respond(request.Transaction, SipStatus.ServerInternalError, "Internal error");
                owed.Add(Owed.By(happened, failed, request.Method));
            }

            return current;
        }
    }

    // What became of a request is known here, and nowhere else with its method.
    private string? EndedBy(Effect effect, AggregateEvent happened)
    {
        var request = (happened as RequestArrived)?.Request;
        return effect switch
        {
            Respond { Status.IsFinal: true } answer when request?.Transaction == answer.Transaction => request.Method,
            // What passes by has no entry there; it is kept only if it is a MESSAGE.
            Respond { Status.IsFinal: true } when happened is DeferralSettled => "MESSAGE",
            Respond { Status.IsFinal: true } answer => services.Router.MethodOf(answer.Transaction) ?? Labels.Other,
            PassOn passed when request?.Transaction == passed.Transaction => request.Method,
            _ => null,
        };
    }
}
