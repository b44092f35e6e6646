namespace ImSidecar.Core.Conferences;

/// <summary>
/// The Call-ID of an invitation: a secret, the conference, the invitee. It is all that a 2xx brings along whose INVITE
/// an earlier Kamailio has sent, RFC 3261 13.2.2.4.
/// </summary>
public static class InvitationCallId
{
    internal static string Of(Facts facts, AggregateId conference, string participant) =>
        $"{facts.Derive("call/" + participant)}-{conference}-{participant}";

    /// <summary>The key of the INVITE with that Call-ID; false if it is none of ours.</summary>
    public static bool TryParse(string callId, out ActionKey invite)
    {
        var first = callId.IndexOf('-', StringComparison.Ordinal);
        var last = callId.LastIndexOf('-');
        invite = default;
        if (first < 0 || last <= first + 1 || last == callId.Length - 1)
            return false;

        invite = new(new(callId[(first + 1)..last]), callId[(last + 1)..], "INVITE", 1);
        return true;
    }
}
