using ImSidecar.Core.Conferences;
using ImSidecar.Core.Messages;
using ImSidecar.Core.Notifications;
using ImSidecar.Protocol.Sip;
using ImSidecar.Server.Admin;
using ImSidecar.Server.Telemetry;
using ImSidecar.Server.Telemetry.Tracing;

namespace ImSidecar.Server.Hosting;

/// <summary>Performs one effect of an aggregate, once it is saved: through the switch, a link, or another mailbox.</summary>
internal sealed class EffectPerformance(Mailbox mailbox, SavedState saved, MailboxServices services)
{
    private static readonly SipResponse _tooLarge =
        new(new(513, "Message Too Large"), SipHeaders.Empty, default, IsLocal: true);

    private readonly AggregateId _id = mailbox.Id;

    /// <summary>True when nothing more is to come of it.</summary>
    public async ValueTask<bool> OfAsync(Owed owed, NotifyRequests? notifies)
    {
        var effect = owed.Effect;
        // Whoever has it now does that; only who waits for an answer hears of what was saved.
        if (saved.IsLost && effect is not Respond)
            return false;

        if (effect is Respond { Explanation: { } explanation } refusal)
        {
            Log.Refused(
                services.Logger, _id, refusal.Transaction, refusal.Status.Code, explanation, owed.CallId);
        }

        if (services.Traces.AreSeen(_id.Value))
        {
            var hasLink = services.Links.Towards(effect, owed.Saved?.Effect.Via, _id) is not null;
            services.Traces.Tell(_id.Value, new EffectTraced(services.Time.GetUtcNow(), effect, hasLink));
        }

        try
        {
            using var part = Traces.Perform(owed.Cause, effect);
            if (effect is HandOver passed)
            {
                var goesOn = Traces.Continue(owed.Cause, "handed_over");
                await services.Router.PostAsync(passed.Request, null, CancellationToken.None, goesOn);
                return true;
            }

            if (effect is Tell tell)
            {
                services.Router.Post(tell.Target, tell.Happened, Traces.Continue(owed.Cause, "told"));
                return true;
            }

            if (services.Deferred.TryPerform(_id, services.Router, effect))
                return true;

            if (effect is Respond answer && !owed.IsStored)
                services.Router.OnAnswered(answer);
            if (Made(effect) is not { } made)
                return true;

            var isDone = await services.Effects.PerformAsync(
                made, _id, owed.Saved?.Effect.Via, notifies, isQuiet: !owed.IsStored, CancellationToken.None);
            if (saved.IsLost && effect is OpenLeg late)
                services.Effects.CloseLegs([late.Media.SessionId]);
            Count(owed);
            return isDone;
        }
        catch (RequestTooLargeException tooLarge)
        {
            mailbox.TryPost(new Happened(new ResponseArrived(tooLarge.Key, _tooLarge), null));
            return false;
        }
        catch (Exception bug)
        {
            // It would fail again; those behind it do not wait for that.
            Log.EffectFailed(services.Logger, _id.Kind, _id, effect.GetType().Name, owed.CallId, bug);
            Instruments.Failed(Labels.Effect);
            return true;
        }
    }

    // Many have the same content, which is stored once. Null: it is not to be sent any more.
    private Effect? Made(Effect effect) =>
        effect is not SendMessage send ? effect
        : saved.Value is PageMessage message ? PageRequests.Render(message, send)
        : null;

    // Not before it is saved: another answer goes out if that fails.
    private static void Count(Owed owed)
    {
        if (owed.Ends is not { } method)
            return;

        if (owed.Effect is Respond answer)
            Instruments.Answered(method, answer.Status.Code);
        else
            Instruments.Relayed(method);
    }
}
