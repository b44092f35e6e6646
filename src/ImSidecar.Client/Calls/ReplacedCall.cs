using ImSidecar.Client.Sip;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Client.Calls;

/// <summary>The call that an INVITE is to take the place of, RFC 3891 3.</summary>
internal static class ReplacedCall
{
    /// <summary>The call, or none without Replaces; or the status that refuses the INVITE.</summary>
    public static (Call? Call, int Refusal) Find(UserAgent agent, SipMessage invite)
    {
        if (invite.Count(Replaces.Name) == 0)
            return (null, 0);

        if (invite.Count(Replaces.Name) > 1 || !Replaces.TryParse(invite[Replaces.Name]!, out var replaces))
            return (null, 400);

        var found = Find(agent, replaces.CallId, replaces.ToTag, replaces.FromTag);
        if (found is null && agent.Options.TakesSwappedTags)
            found = Find(agent, replaces.CallId, replaces.FromTag, replaces.ToTag);
        if (found is null)
            return (null, 481);

        // RFC 3891 3: a dialog that is over is declined, one that is too far gone for early-only is busy.
        return found.Ended.IsCompleted ? (null, 603)
            : replaces.EarlyOnly ? (null, 486)
            : (found, 0);
    }

    private static Call? Find(UserAgent agent, string callId, string localTag, string remoteTag) =>
        agent.CallOf(callId, localTag) is { } call && call.Dialog.RemoteTag == remoteTag ? call : null;
}
