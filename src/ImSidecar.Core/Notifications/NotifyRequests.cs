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
    private readonly Dictionary<long, string> _tags = [];

    public OperatorPolicy Policy => policy;

    /// <summary>
    /// Those of what the conference has become; the whole document stays as long as nothing has changed that it tells.
    /// </summary>
    public NotifyRequests Of(Conference next)
    {
        if (ReferenceEquals(next, conference))
            return this;

        var requests = new NotifyRequests(next, policy);
        if (!TellsTheSame(next))
            return requests;

        var whole = (NotifyScope.Full, 0L);
        if (_documents.TryGetValue(whole, out var document))
            requests._documents.Add(whole, document);
        if (_tags.TryGetValue(conference.RosterRevision, out var tag))
            requests._tags.Add(conference.RosterRevision, tag);
        return requests;
    }

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
        return notify.Scope switch
        {
            NotifyScope.Nothing => request,
            NotifyScope.Known => With(request, "SIP-ETag", TagOf(notify.Since)),
            NotifyScope.Gone => WithDocument(request, notify),
            _ => WithDocument(With(request, "SIP-ETag", TagOf(conference.RosterRevision)), notify),
        };
    }

    private bool TellsTheSame(Conference next)
    {
        var apartFromWatchers = next with
        {
            Revision = conference.Revision,
            NextNumber = conference.NextNumber,
            Subscriptions = conference.Subscriptions,
            Referrals = conference.Referrals,
        };
        return apartFromWatchers == conference;
    }

    // IM 7.9.1.1.5/body
    private OutgoingRequest WithDocument(OutgoingRequest request, SendNotify notify) =>
        With(request, "Content-Type", ConferenceInfoXml.MediaType) with
        {
            Body = Document(notify).Render(notify.Version),
        };

    private static OutgoingRequest With(OutgoingRequest request, string name, string value) =>
        request with { Headers = request.Headers.With(name, value) };

    private string TagOf(long revision)
    {
        if (!_tags.TryGetValue(revision, out var tag))
            _tags.Add(revision, tag = StateTag.Of(conference, revision, policy));
        return tag;
    }

    private ConferenceInfoTemplate Document(SendNotify notify)
    {
        var key = (notify.Scope, notify.Scope == NotifyScope.Partial ? notify.Since : 0);
        if (!_documents.TryGetValue(key, out var document))
        {
            document = new(notify.Scope switch
            {
                NotifyScope.Partial => ConferenceStateDocument.Partial(conference, notify.Since, policy),
                NotifyScope.Gone => ConferenceStateDocument.Gone(conference),
                _ => ConferenceStateDocument.Full(conference, policy),
            });
            _documents.Add(key, document);
        }

        return document;
    }
}
