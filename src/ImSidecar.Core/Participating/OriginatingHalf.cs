using ImSidecar.Core.Conferences;
using ImSidecar.Core.Policies;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Participating;

/// <summary>IM 13 and App. D.1 step 3: a request of a served user, which is not for us, goes on.</summary>
internal static class OriginatingHalf
{
    public static Effect OnRequest(ServedUser? user, PassingRequest request, Facts facts)
    {
        if (request.Originator is null)
            return Refuse(request, "Originator not authenticated");

        if (GroupPolicy.OperatorBars(Joiner.Of(request).Who, facts.Operator) is { Allowed: false } barred)
            return Refuse(request, barred.Reason);

        if (user is { Settings.IsActive: false })
            return Refuse(request, "Service is not active");

        if (request.ToConference is { } own)
            return new HandOver(own);

        return request.GoesToServed
            ? new HandOver(request with { Half = SessionCase.Terminating, GoesToServed = false })
            : new PassOn(request.Transaction, SessionCase.Originating) { RecordRoute = MakesDialog(request) };
    }

    /// <summary>What follows within the dialog, NOTIFY above all, comes by here too; App. D.1.</summary>
    public static bool MakesDialog(PassingRequest request) => request.Method is "INVITE" or "SUBSCRIBE" or "REFER";

    private static Respond Refuse(PassingRequest request, string warning) =>
        new(request.Transaction, SipStatus.Forbidden, warning);
}
