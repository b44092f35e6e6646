using ImSidecar.Admin.V1;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Controlling;
using ImSidecar.Core.Documents;

namespace ImSidecar.Server.Admin;

/// <summary>Conferences, participants and subscriptions as admin.proto tells of them.</summary>
internal static class ConferenceWire
{
    private const int MostTargets = 4;
    private const int ShownOfSession = 8;

    public static ConferenceSummary Summary(Conference conference) => new()
    {
        Id = conference.Id.Value,
        SessionIdentity = conference.SessionIdentity.Text,
        Kind = Kind(conference.Kind),
        Phase = conference.Phase.ToString().ToLowerInvariant(),
        Group = conference.GroupIdentity?.Text ?? "",
        Name = conference.GroupName ?? "",
        Subject = conference.Subject ?? "",
        Participants = conference.Participants.Tally.Attending,
        Invited = conference.Participants.Tally.Invited,
        Subscriptions = conference.Subscriptions.Count,
        Revision = conference.Revision,
    };

    public static ShowConferenceResponse Details(
        Conference conference, int most, int afterParticipant = 0, int afterSubscription = 0)
    {
        var details = new ShowConferenceResponse { Summary = Summary(conference) };
        if (conference.MaxParticipants is { } limit)
            details.MaxParticipants = limit;
        if (conference.Conditions?.EndsAt is { } end)
            details.EndsAt = end.ToUnixTimeSeconds();
        if (conference.ForgetAt is { } forgotten)
            details.ForgottenAt = forgotten.ToUnixTimeSeconds();

        var participants = conference.Participants.Values
            .Where(each => each.Number > afterParticipant)
            .OrderBy(each => each.Number)
            .ToList();
        details.Participants.AddRange(participants.Take(most).Select(Entry));
        details.MoreParticipants = participants.Count > most;
        foreach (var subscription in conference.Subscriptions.Values.Where(each => each.Number > afterSubscription))
        {
            details.MoreSubscriptions = details.Subscriptions.Count == most;
            if (details.MoreSubscriptions)
                break;

            details.Subscriptions.Add(Entry(conference, subscription));
        }

        return details;
    }

    public static ParticipantEntry Entry(Participant participant)
    {
        var entry = new ParticipantEntry
        {
            Number = participant.Number,
            User = participant.Address.Text,
            OtherAddresses = { participant.OtherAddresses.Select(each => each.Text) },
            ShownAs = participant.Entity,
            DisplayName = participant.ShownName() ?? "",
            Anonymous = participant.IsAnonymous,
            State = State(participant),
            CallId = participant.Leg.CallId,
            Contact = participant.Leg.RemoteTarget?.Text ?? "",
            MsrpSession = Short(participant.Leg.Media.SessionId),
            MediaMissing = participant.Leg.Reconnection is not null,
        };
        if (participant.IsInviter)
            entry.Roles.Add("inviter");
        if (participant.IsKey)
            entry.Roles.Add("key");
        if (participant.IsHistory)
            entry.Roles.Add("history");
        if (participant.Leg.SessionExpiresAt is { } expires)
            entry.SessionExpiresAt = expires.ToUnixTimeSeconds();
        return entry;
    }

    public static SubscriptionEntry Entry(Conference conference, Subscription subscription)
    {
        var entry = Entry(subscription);
        entry.Package = "conference";
        entry.Resource = conference.SessionIdentity.Text;
        entry.Conference = conference.Id.Value;
        return entry;
    }

    public static SubscriptionEntry Entry(DocumentSubscription documents)
    {
        var entry = Entry(documents.Subscription);
        entry.Id = documents.Id.Value;
        entry.Package = documents.Package;
        entry.Resource = string.Join(", ", documents.Targets.Take(MostTargets).Select(
            each => $"{each.Auid ?? "*"}/{(each.User is null ? "global" : "users/" + each.User)}/{each.Path}"));
        if (documents.Targets.Length > MostTargets)
            entry.Resource += $" and {documents.Targets.Length - MostTargets} more";
        return entry;
    }

    /// <summary>Enough to tell sessions apart; who knows all of it could connect as their peer.</summary>
    public static string Short(string msrpSession) =>
        msrpSession.Length <= ShownOfSession ? msrpSession : msrpSession[..ShownOfSession];

    public static string State(Participant participant) => participant.Leg.State switch
    {
        LegState.Inviting => participant.Invitation switch
        {
            Invitation.Ringing => "ringing",
            Invitation.Cancelling => "cancelling",
            Invitation.Refused => "refused",
            _ => "inviting",
        },
        var state => state.ToString().ToLowerInvariant(),
    };

    private static SubscriptionEntry Entry(Subscription subscription) => new()
    {
        Id = subscription.Id,
        Number = subscription.Number,
        Subscriber = subscription.Subscriber.Text,
        ExpiresAt = subscription.ExpiresAt.ToUnixTimeSeconds(),
        CallId = subscription.Dialog.CallId,
        State = subscription.EndReason is not null ? "ending"
            : subscription.AnswerBy is not null ? "notifying" : "active",
    };

    private static string Kind(ConferenceKind kind) => kind switch
    {
        ConferenceKind.OneToOne => "one-to-one",
        ConferenceKind.AdHoc => "ad-hoc",
        ConferenceKind.PreArranged => "pre-arranged",
        _ => "chat",
    };
}
