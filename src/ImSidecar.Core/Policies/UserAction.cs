using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Core.Policies;

/// <summary>What the access rules of a user decide by yes or no, Shared Policy XDM.</summary>
public enum UserAction
{
    AllowPrivateMessage = RuleAction.AllowPrivateMessage,
    AllowAutoAnswermode = RuleAction.AllowAutoAnswermode,
    AllowManualAnswerOverride = RuleAction.AllowManualAnswerOverride,

    /// <summary>Keep messages for the user while he is away.</summary>
    AllowOfflineStorage = RuleAction.AllowOfflineStorage,

    /// <summary>Refuse invitations on behalf of the user.</summary>
    AllowRejectInvite = RuleAction.AllowRejectInvite,
    AllowDefer = RuleAction.AllowDefer,
    AllowStore = RuleAction.AllowStore,
    AllowPush = RuleAction.AllowPush,
    AllowPull = RuleAction.AllowPull,
    AllowDoNotDisturb = RuleAction.AllowDoNotDisturb,
    AllowForward = RuleAction.AllowForward,
    AllowInterwork = RuleAction.AllowInterwork,
    AllowDeliverAndInterwork = RuleAction.AllowDeliverAndInterwork,
    AllowDeliverReferenceMedia = RuleAction.AllowDeliverReferenceMedia,
}

/// <summary>What becomes of an invitation to a user, and why; allowed unless it is rejected.</summary>
public readonly record struct InviteVerdict(InviteHandling Handling, Verdict Verdict);
