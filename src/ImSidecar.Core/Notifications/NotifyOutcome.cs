using System.Globalization;
using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Notifications;

/// <summary>What the answer to a NOTIFY, or its absence, means for the subscription; RFC 6665 4.2.2.</summary>
internal static class NotifyOutcome
{
    private const int MessageTooLarge = 513;

    // Kamailio's own: nothing could be sent, as to a UDP peer that takes no TCP connection for what is beyond udp_mtu.
    private const int NotSent = 477;

    public static Conference OnResponse(Conference conference, ActionKey key, SipResponse response, Facts facts)
    {
        if (!response.Status.IsFinal || Find(conference, key) is not { } subscription || subscription.AnswerBy is null)
            return conference;

        if (subscription.IsTold)
            return Without(conference, subscription);

        var answered = subscription with { AnswerBy = null };
        if (response.Status.IsSuccess)
            return ForgetHeard(conference.With(answered with { HeardUpTo = subscription.ToldUpTo }));

        // RFC 6665 4.1.3: the document does not get there, the word that there is none any more does.
        if (response.Status.Code is MessageTooLarge or NotSent && subscription.EndReason is null)
            return conference.With(answered with { EndReason = SubscriptionEnd.TooLarge });

        // RFC 6665 4.2.2: a watcher who asks for a pause keeps the subscription and then gets the whole state;
        // one who does not know the dialog does not.
        return response.Status.Code != SipStatus.NoSuchDialog.Code && RetryAfter(response) is { } pause
            ? conference.With(answered with { OwesFullState = true, NotBefore = facts.Now + pause })
            : Without(conference, subscription);
    }

    /// <summary>
    /// Nobody will tell what came of the NOTIFYs in flight: the whole state goes again, as a request not seen before.
    /// </summary>
    public static Conference OnLinkRestarted(Conference conference, Facts facts)
    {
        foreach (var subscription in conference.Subscriptions.Values)
        {
            if (subscription.AnswerBy is not null)
            {
                conference = conference.With(subscription with
                {
                    AnswerBy = null,
                    OwesFullState = true,
                    IsTold = false,
                    NotBefore = facts.Now,
                });
            }
        }

        return conference;
    }

    public static Conference OnTimeElapsed(Conference conference, DialogId dialog, Facts facts)
    {
        if (!conference.Subscriptions.TryGetValue(dialog, out var subscription))
            return conference;

        // No answer, not even the local one: as 408.
        if (subscription.AnswerBy <= facts.Now)
            return Without(conference, subscription);

        return subscription.ExpiresAt <= facts.Now && subscription.EndReason is null
            ? conference.With(subscription with { EndReason = SubscriptionEnd.Timeout })
            : conference;
    }

    private static Subscription? Find(Conference conference, ActionKey key)
    {
        foreach (var subscription in conference.Subscriptions.Values)
        {
            if (subscription.Id == key.Owner && subscription.LocalCSeq == key.CSeq)
                return subscription;
        }

        return null;
    }

    private static Conference Without(Conference conference, Subscription subscription) =>
        conference with { Subscriptions = conference.Subscriptions.Remove(subscription.Dialog) };

    // A departure is kept until every subscriber has heard of it.
    private static Conference ForgetHeard(Conference conference)
    {
        if (conference.Departures.IsEmpty)
            return conference;

        var heard = conference.Subscriptions.Values.Min(subscription => subscription.HeardUpTo);
        var old = conference.Departures.Values.Where(departure => departure.Revision <= heard).ToList();
        return old.Count == 0
            ? conference
            : conference with
            {
                Departures = conference.Departures.RemoveRange(old.Select(departure => departure.Entity)),
            };
    }

    private static TimeSpan? RetryAfter(SipResponse response)
    {
        var value = response.Headers.First("Retry-After");
        var digits = value is null ? 0 : value.AsSpan()
            .IndexOfAnyExceptInRange('0', '9') is var end && end < 0 ? value.Length : end;
        return digits > 0
            && int.TryParse(value.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(Math.Min(seconds, 3600))
            : null;
    }
}
