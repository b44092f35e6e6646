using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Identity;
using ImSidecar.Core.Policies;
using ImSidecar.Protocol.ConferenceInfo;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Controlling;

/// <summary>IM 7.2.2.2 IM Session invitation request: our INVITE to a user, and its CANCEL.</summary>
internal static class InviteParticipant
{
    /// <summary>Adds the user to the conference and sends him an INVITE that offers a leg of the MSRP switch.</summary>
    public static Decision Invite(
        Conference conference, Invitee invitee, Participant inviter, ImmutableArray<string> wrappedTypes, Facts facts)
    {
        var id = "p" + conference.NextNumber;
        var isGroup = conference.IsGroup;
        var leg = MediaNegotiation.NewLeg(facts, id) with
        {
            MayWritePrivately = PrivateMessagePolicy.Allows(Joiner.Of(invitee.Address), facts),
        };
        var media = MediaNegotiation.Offer(leg, facts, wrappedTypes, isGroup);
        var participant = new Participant
        {
            Id = id,
            Address = invitee.Address,
            Entity = invitee.Address.Text,
            DisplayName = DisplayName.OfInvitee(invitee.Address, invitee.DisplayName, facts.Group),
            Invitation = Invitation.Pending,
            AnswerBy = facts.Now + facts.Operator.NoAnswer,
            Leg = new()
            {
                State = LegState.Inviting,
                CallId = InvitationCallId.Of(facts, conference.Id, id),
                LocalTag = facts.Derive("tag/" + id),
                LocalAddress = isGroup ? FocusName(conference) : Named(inviter),
                RemoteAddress = $"<{invitee.Address}>",
                LocalCSeq = 1,
                Media = media,
            },
        }.WithRoles(Joiner.Of(invitee.Address), facts);

        // IM 7.2.3.2: nobody is there, and what others would see of him may be the alias of another.
        if (ChatAlias.IsNobody(invitee.Address))
            participant = ChatAlias.Give(participant);

        var next = conference.With(participant).WithGuest(id, [invitee.PersonKey], facts.Operator) with
        {
            NextNumber = conference.NextNumber + 1,
        };
        return Decision.Of(next,
            LegOpening.Of(conference, participant),
            new SendRequest(KeyOf(conference, participant), Request(conference, participant, inviter, invitee, facts)));
    }

    public static ActionKey KeyOf(Conference conference, Participant participant) =>
        new(conference.Id, participant.Id, "INVITE", 1);

    /// <summary>Gives an invitation up; what answers it later is ended by <see cref="SetupOutcome"/>.</summary>
    public static Decision Cancel(Conference conference, Participant participant, Facts facts)
    {
        // Who was alerting is gone for those who watch, whatever he answers now.
        var seen = participant.IsShown
            ? ParticipantRemoval.Depart(conference, participant, DisconnectionMethod.Failed)
            : conference;
        return Decision.Of(
            seen.With(participant with
            {
                Invitation = Invitation.Cancelling,
                AnswerBy = null,
                Leg = participant.Leg with { Deadline = facts.Now + facts.Operator.TransactionDeadline },
            }),
            CancelOf(conference, participant));
    }

    public static SendCancel CancelOf(Conference conference, Participant participant) =>
        new(new(conference.Id, participant.Id, "CANCEL", 1), KeyOf(conference, participant));

    private static OutgoingRequest Request(
        Conference conference, Participant participant, Participant inviter, Invitee invitee, Facts facts)
    {
        var isGroup = conference.IsGroup;
        var fields = ImmutableArray.CreateBuilder<SipHeader>();
        fields.Add(new("Contact", SessionAccepted.ContactFor(conference, participant)));
        fields.Add(new("Accept-Contact", $"*;{FeatureTags.Im};require;explicit"));
        fields.Add(new("P-Asserted-Identity", $"<{conference.FocusAddress(facts.Operator)}>"));
        if (inviter.IsAnonymous)
            fields.Add(new("Privacy", "id"));
        else if (isGroup)
            fields.Add(new("Referred-By", $"<{inviter.Address.Bare}>"));
        fields.Add(new("Allow", Capabilities.Methods));
        fields.Add(new("Supported", Capabilities.Extensions));
        fields.Add(new("Session-Expires",
            new SessionExpires((int)facts.Operator.SessionInterval.TotalSeconds, Refresher.Uas).ToString()));
        // IM M/replaces, IM M/5
        if (invitee.Replaces is { } replaces)
        {
            fields.Add(new("Require", Replaces.Extension));
            fields.Add(new(Replaces.Name, replaces.ToString()));
        }

        // Who adds somebody pays for it, and is where he is.
        fields.AddRange(invitee.Charging is { } charging
            ? conference.CarriedHeaders.Where(field => !Charging.IsOne(field)).Concat(charging)
            : conference.CarriedHeaders);
        fields.Add(new("Content-Type", "application/sdp"));

        return new()
        {
            Method = "INVITE",
            Uri = participant.Address,
            From = participant.Leg.LocalAddress,
            FromTag = participant.Leg.LocalTag,
            To = participant.Leg.RemoteAddress,
            CallId = participant.Leg.CallId,
            CSeq = 1,
            Headers = new(fields.DrainToImmutable()),
            Body = participant.Leg.Media.LocalDescription,
        };
    }

    private static string FocusName(Conference conference) => conference.GroupIdentity is { } group
        ? new NameAddress(group, conference.GroupName).ToString()
        : $"<{conference.SessionIdentity}>";

    private static string Named(Participant inviter)
    {
        _ = SipUri.TryParse(inviter.Entity, out var entity);
        return new NameAddress(entity, DisplayName.Shown(inviter)).ToString();
    }
}
