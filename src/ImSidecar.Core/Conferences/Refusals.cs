using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Conferences;

/// <summary>Refusals that procedures share: a final response with its reason, the conference unchanged.</summary>
internal static class Refusals
{
    public static Decision Refuse(Conference? conference, ImRequest request, SipStatus status, string warning) =>
        Decision.Of(conference, new Respond(request.Transaction, status, warning));

    /// <summary>A policy says no: 403 with its reason.</summary>
    public static Decision Forbid(Conference? conference, ImRequest request, string reason, string explanation) =>
        Decision.Of(conference, new Respond(request.Transaction, SipStatus.Forbidden, reason)
        {
            Explanation = explanation,
        });

    public static Decision Refuse(
        Conference? conference,
        ImRequest request,
        SipStatus status,
        string warning,
        params ReadOnlySpan<(string, string)> headers) =>
        Decision.Of(conference, new Respond(request.Transaction, status, warning) { Headers = SipHeaders.Of(headers) });

    // IM 11.1
    public static Decision NoSuchFactory(ImRequest request) =>
        Refuse(null, request, SipStatus.NotFound, "Conference-factory URI does not exist");

    // IM 11.2
    public static Decision NoSuchConference(Conference? conference, ImRequest request) =>
        Refuse(conference, request, SipStatus.NotFound, "Conference URI does not exist");

    /// <summary>What asks to join is a focus itself.</summary>
    public static Decision FocusAlready(Conference? conference, ImRequest request) =>
        Refuse(conference, request, SipStatus.Forbidden, "isfocus already assigned");

    public static Decision TooMany(Conference? conference, ImRequest request) =>
        Refuse(conference, request, SipStatus.BusyHere, "Too many participants");

    // RFC 3261 12.2.2
    public static Decision NoSuchDialog(Conference? conference, ImRequest request) =>
        Refuse(conference, request, SipStatus.NoSuchDialog, "Dialog does not exist");

    // RFC 3261 12.2.2
    public static Decision OutOfOrder(Conference? conference, ImRequest request) =>
        Refuse(conference, request, SipStatus.ServerInternalError, "CSeq is lower than that of an earlier request");
}
