using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Server.Gateway;

/// <summary>A request to us with Replaces, RFC 3891 3: no dialog of ours is given up for another.</summary>
internal static class ReplacesReader
{
    public static Respond? Refuse(RequestHead head)
    {
        if (head.Headers.First(Replaces.Name) is not { } value)
            return null;

        // RFC 3891 3: elsewhere, twice, or beside Join it means nothing.
        var isSound = head is { Method: "INVITE", To.Tag: null }
            && head.Headers.CountOf(Replaces.Name) == 1
            && head.Headers.First("Join") is null
            && Replaces.TryParse(value, out _);
        return isSound
            ? new(head.Transaction, SipStatus.NoSuchDialog, "Replaces names no dialog that can be replaced")
            : new(head.Transaction, SipStatus.BadRequest, "Replaces is malformed or out of place");
    }
}
