using System.Diagnostics;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Notifications;
using ImSidecar.Msrp;
using ImSidecar.Protocol.Msrp;
using ImSidecar.Protocol.Sdp;
using ImSidecar.Server.Gateway;
using ImSidecar.Server.Gateway.V1;
using ImSidecar.Server.Telemetry.Tracing;

namespace ImSidecar.Server.Hosting;

/// <summary>Performs effects: SIP through the attached link, MSRP legs in the switch.</summary>
internal sealed class EffectRunner(
    LinkRegistry links, SipActions actions, IMsrpSwitch msrp, Live<OperatorPolicy> policy)
{
    // Of clients that call nobody by his name; no participant has it.
    private const string Everybody = "sip:anonymous@anonymous.invalid";

    /// <summary>With the documents of those before, as far as they still say what there is.</summary>
    public NotifyRequests? NotifyRequestsOf(Conference? conference, NotifyRequests? before) =>
        conference is null ? null
            : ReferenceEquals(before?.Policy, policy.Value) ? before!.Of(conference)
            : new(conference, policy.Value);

    /// <summary>Those of an aggregate that another node has now.</summary>
    public void CloseLegs(IEnumerable<string?> sessionIds)
    {
        foreach (var session in sessionIds.OfType<string>())
            msrp.CloseLeg(session);
    }

    /// <summary>
    /// True if the effect is done; else the link will say so, or it is not there and it is tried with the next. Via is the
    /// boot of Kamailio that a request of ours goes through.
    /// </summary>
    public async ValueTask<bool> PerformAsync(
        Effect effect, AggregateId? by, string? via, NotifyRequests? notifies, bool isQuiet, CancellationToken cancellation)
    {
        switch (effect)
        {
            case OpenLeg open:
                await msrp.OpenLegAsync(LegOf(open, policy.Value));
                return true;
            case AnswerNickname answer:
                msrp.AnswerNickname(answer.SessionId, answer.Transaction, answer.Status);
                return true;
            case CloseLeg close:
                msrp.CloseLeg(close.SessionId);
                return true;
        }

        if (ActionOf(effect, by, notifies, isQuiet) is not { } action)
            return true;

        // The link would end the stream upon it, and again upon the next stream.
        if (action.Originate is { } request && ActionSize.Of(action) > Link.MaxActionBytes
            && ActionKey.TryParse(request.ActionKey, out var key))
            throw new RequestTooLargeException(key);

        if (links.Towards(effect, via, by) is { } link)
            await link.SendAsync(action, cancellation);
        return false;
    }

    private SipAction? ActionOf(Effect effect, AggregateId? by, NotifyRequests? notifies, bool isQuiet) => effect switch
    {
        Respond respond => actions.Of(respond, isQuiet, by),
        SendRequest request => actions.Of(request.Key, request.Request),
        SendNotify notify => notifies?.Render(notify) is { } request ? actions.Of(notify.Key, request) : null,
        SendAck ack => SipActions.Of(ack),
        SendCancel cancel => SipActions.Of(cancel),
        PassOn passed => SipActions.Of(passed),
        _ => throw new UnreachableException(effect.GetType().Name),
    };

    private static MsrpLeg LegOf(OpenLeg open, OperatorPolicy policy)
    {
        _ = MsrpUri.TryParse(open.Media.LocalUri, out var local);
        var leg = new MsrpLeg
        {
            SessionId = open.Media.SessionId,
            BridgeId = open.Conference.Value,
            LocalUri = local,
            RemotePath = [.. open.Media.RemotePath.Select(ParseUri)],
            Connects = open.Media.Connects,
            ConnectTo = open.Media.ConnectTo is { } elsewhere ? ParseUri(elsewhere) : null,
            Fingerprints = open.Media.Fingerprints,
            AcceptTypes = open.Media.AcceptTypes,
            AcceptWrappedTypes = open.Media.AcceptWrappedTypes,
            MaxSize = open.Media.MaxSize,
            Sends = open.Media.Direction is MediaDirection.SendRecv or MediaDirection.SendOnly,
            Receives = open.Media.Direction is MediaDirection.SendRecv or MediaDirection.RecvOnly,
            ConnectWithin = policy.MediaReconnect > TimeSpan.Zero ? policy.MediaReconnect : null,
            Identities = open.Identities,
            Entity = open.Entity,
            Address = open.Address,
            IsAnonymous = open.IsAnonymous,
            Room = open.Room.IsDefaultOrEmpty ? [] : [.. open.Room, policy.ConferenceFactory.Text, Everybody],
            MayWritePrivately = open.Media.MayWritePrivately,
            TakesPrivateMessages = open.Media.TakesPrivateMessages,
            EndsHere = open.EndsHere,
            Trace = Traces.Context,
        };
        return WithWhatWeSaid(leg, open.Media);
    }

    // What we take we have told the peer in our last description.
    private static MsrpLeg WithWhatWeSaid(MsrpLeg leg, LegMedia media) =>
        SessionDescription.TryParse(media.LocalDescription.Span, out var own) && own.TryFindMsrp(out _, out var said)
            ? leg with
            {
                MaxIncomingBytes = said.MaxSize ?? leg.MaxIncomingBytes,
                TakenTypes = said.AcceptTypes,
                TakenWrappedTypes = said.AcceptWrappedTypes,
            }
            : leg;

    private static MsrpUri ParseUri(string text) =>
        MsrpUri.TryParse(text, out var uri) ? uri : throw new FormatException("Stored MSRP URI is malformed");
}
