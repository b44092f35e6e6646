namespace ImSidecar.Protocol.Xdm;

/// <summary>The actions of rules that say yes or no: Shared Group XDM, XDM extensions 1.0 and 2.1.</summary>
public enum RuleAction
{
    AllowConferenceState,
    AllowInviteUsersDynamically,
    JoinHandling,
    AllowInitiateConference,
    AllowAnonymity,
    IsKeyParticipant,
    AllowExpelling,
    AllowSubConf,
    AllowPrivateMessage,
    AllowMediaHandling,
    BlockGroupAdvertisementSending,
    AllowAutoAnswermode,
    AllowManualAnswerOverride,
    AllowOfflineStorage,
    AllowRejectInvite,
    AllowDefer,
    AllowStore,
    AllowPush,
    AllowPull,
    AllowDoNotDisturb,
    AllowForward,
    AllowInterwork,
    AllowDeliverAndInterwork,
    AllowDeliverReferenceMedia,
}

/// <summary>What becomes of an invitation, allow-invite of user access rules; the greater one wins.</summary>
public enum InviteHandling
{
    /// <summary>Refused on behalf of the user.</summary>
    Reject,

    /// <summary>Delivered, the user decides.</summary>
    Pass,

    /// <summary>Delivered, an automatic answer is allowed.</summary>
    Accept,
}

/// <summary>Whose media one may remove, remove-media-handling; the greater one wins.</summary>
public enum MediaRemoval
{
    None,
    Own,
    Other,
    Any,
}
