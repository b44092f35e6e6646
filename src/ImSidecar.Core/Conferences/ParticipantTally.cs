namespace ImSidecar.Core.Conferences;

/// <summary>How many participants are what; a History Function counts for nothing but Unsettled.</summary>
public readonly record struct ParticipantTally
{
    /// <summary>In the session.</summary>
    public int Attending { get; private init; }

    /// <summary>In it, or on their way in: their INVITE waits for our answer.</summary>
    public int Present { get; private init; }

    /// <summary>Invited, without an answer yet.</summary>
    public int Invited { get; private init; }

    /// <summary>Who counts against the limit of the session.</summary>
    public int Places { get; private init; }

    /// <summary>Key participants who are present.</summary>
    public int Key { get; private init; }

    /// <summary>Addresses of required-participants-list that attend.</summary>
    public int Requirements { get; private init; }

    /// <summary>Invitations of ours without a final response, cancelled ones too.</summary>
    public int Unsettled { get; private init; }

    internal ParticipantTally With(Participant participant) => Add(participant, 1);

    internal ParticipantTally Without(Participant? participant) => participant is null ? this : Add(participant, -1);

    private ParticipantTally Add(Participant participant, int one)
    {
        var unsettled = participant.IsInvited || participant.Invitation == Invitation.Cancelling ? one : 0;
        // IM 7.2.1.4/3-NOTE
        if (participant.IsHistory)
            return this with { Unsettled = Unsettled + unsettled };

        var isPresent = participant.IsAttending || participant.Leg.State == LegState.Offered;
        return new()
        {
            Attending = Attending + (participant.IsAttending ? one : 0),
            Present = Present + (isPresent ? one : 0),
            Invited = Invited + (participant.IsInvited ? one : 0),
            Places = Places + (participant.HasPlace ? one : 0),
            Key = Key + (isPresent && participant.IsKey ? one : 0),
            Requirements = Requirements + (participant.IsAttending ? one * participant.Requirements : 0),
            Unsettled = Unsettled + unsettled,
        };
    }
}
