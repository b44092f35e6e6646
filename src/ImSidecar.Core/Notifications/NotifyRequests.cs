using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.ConferenceInfo;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Notifications;

/// <summary>
/// Makes the NOTIFY requests of one saved conference; subscribers who know the same share one rendered document,
/// so a wave costs one document, not one for each of them.
/// </summary>
public sealed class NotifyRequests(Conference conference, OperatorPolicy policy)
{
    private readonly Dictionary<(NotifyScope, long), ConferenceInfoTemplate> _documents = [];

    /// <summary>
    /// The request, or null if nobody waits for it: the subscription is gone, or a later one says it.
    /// </summary>
    public OutgoingRequest? Render(SendNotify notify)
    {
        if (!conference.Subscriptions.TryGetValue(notify.Dialog, out var subscription)
            || subscription.LocalCSeq != notify.Key.CSeq)
            return null;

        // IM 7.9.1.1.5/gen, IM 7.9.1.1.6/3b
        var request = SubscriptionDialog.Notify(
            subscription,
            notify.Key.CSeq,
            $"<{conference.SessionIdentity}>;{FeatureTags.Focus};{FeatureTags.Im}",
            Capabilities.Event,
            notify.SubscriptionState);
        return notify.Scope == NotifyScope.Nothing
            ? request
            : request with
            {
                // IM 7.9.1.1.5/body
                Headers = request.Headers.With("Content-Type", ConferenceInfoXml.MediaType),
                Body = Document(notify).Render(notify.Version),
            };
    }

    private ConferenceInfoTemplate Document(SendNotify notify)
    {
        var key = (notify.Scope, notify.Scope == NotifyScope.Full ? 0 : notify.Since);
        if (!_documents.TryGetValue(key, out var document))
        {
            document = new(notify.Scope == NotifyScope.Full
                ? ConferenceStateDocument.Full(conference, policy)
                : ConferenceStateDocument.Partial(conference, notify.Since, policy));
            _documents.Add(key, document);
        }

        return document;
    }
}
