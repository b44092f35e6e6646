using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Core.Policies;

/// <summary>What the rules of a group decide, Shared Group XDM.</summary>
public enum GroupAction
{
    /// <summary>See the conference state.</summary>
    AllowConferenceState = RuleAction.AllowConferenceState,

    /// <summary>Add users to the session.</summary>
    AllowInviteUsersDynamically = RuleAction.AllowInviteUsersDynamically,

    /// <summary>Join, rejoin, be invited or be added.</summary>
    JoinHandling = RuleAction.JoinHandling,

    /// <summary>Start the session.</summary>
    AllowInitiateConference = RuleAction.AllowInitiateConference,

    /// <summary>Hide the identity from the other participants.</summary>
    AllowAnonymity = RuleAction.AllowAnonymity,
    IsKeyParticipant = RuleAction.IsKeyParticipant,

    /// <summary>Remove other participants.</summary>
    AllowExpelling = RuleAction.AllowExpelling,
    AllowSubConf = RuleAction.AllowSubConf,
    AllowPrivateMessage = RuleAction.AllowPrivateMessage,
    AllowMediaHandling = RuleAction.AllowMediaHandling,
    BlockGroupAdvertisementSending = RuleAction.BlockGroupAdvertisementSending,
}
