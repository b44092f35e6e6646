using System.Diagnostics;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Notifications;
using ImSidecar.Msrp;
using ImSidecar.Protocol.Msrp;
using ImSidecar.Server.Gateway;
using ImSidecar.Server.Gateway.V1;

namespace ImSidecar.Server.Hosting;

/// <summary>Performs effects: SIP through the attached link, MSRP legs in the switch.</summary>
internal sealed class EffectRunner(LinkRegistry links, SipActions actions, IMsrpSwitch msrp, OperatorPolicy policy)
{
    public NotifyRequests NotifyRequestsOf(Conference conference) => new(conference, policy);

    /// <summary>True if the effect is done, the link if it was handed over to it, false if there is no link.</summary>
    public async ValueTask<Outcome> PerformAsync(
        Effect effect, NotifyRequests? notifies, CancellationToken cancellation)
    {
        switch (effect)
        {
            case OpenLeg open:
                msrp.OpenLeg(LegOf(open));
                return Outcome.Done;
            case CloseLeg close:
                msrp.CloseLeg(close.SessionId);
                return Outcome.Done;
        }

        if (ActionOf(effect, notifies) is not { } action)
            return Outcome.Done;

        return links.Current is { } link && await link.SendAsync(action, cancellation)
            ? new(false, link)
            : new(false, null);
    }

    private SipAction? ActionOf(Effect effect, NotifyRequests? notifies) => effect switch
    {
        Respond respond => actions.Of(respond),
        SendRequest request => actions.Of(request.Key, request.Request),
        SendNotify notify => notifies?.Render(notify) is { } request ? actions.Of(notify.Key, request) : null,
        SendAck ack => SipActions.Of(ack),
        SendCancel cancel => SipActions.Of(cancel),
        _ => throw new UnreachableException(effect.GetType().Name),
    };

    private static MsrpLeg LegOf(OpenLeg open)
    {
        _ = MsrpUri.TryParse(open.Media.LocalUri, out var local);
        return new()
        {
            SessionId = open.Media.SessionId,
            BridgeId = open.Conference.Value,
            LocalUri = local,
            RemotePath = [.. open.Media.RemotePath.Select(ParseUri)],
            Connects = open.Media.Connects,
            AcceptTypes = open.Media.AcceptTypes,
            AcceptWrappedTypes = open.Media.AcceptWrappedTypes,
            MaxSize = open.Media.MaxSize,
            Identities = open.Identities,
        };
    }

    private static MsrpUri ParseUri(string text) =>
        MsrpUri.TryParse(text, out var uri) ? uri : throw new FormatException("Stored MSRP URI is malformed");
}

/// <summary>What became of an effect: done, handed to a link whose answer comes as an event, or neither.</summary>
internal readonly record struct Outcome(bool IsDone, Link? TakenBy)
{
    public static readonly Outcome Done = new(true, null);
}
