using ImSidecar.Core.Conferences;
using ImSidecar.Msrp;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Server.Participating;

/// <summary>Which requests are for the Participating IM Function, and whose half comes first; decides nothing else.</summary>
internal sealed class PassingRequests(Live<OperatorPolicy> policy, ServedUsers users)
{
    private ParticipatingPolicy Policy => policy.Value.Participating;

    public bool IsOn => Policy.IsOn;

    /// <summary>A request that is not addressed to us, as it passes; null: it concerns nobody who is served.</summary>
    public PassingRequest? Of(RequestHead head)
    {
        if (!IsOn || head.To.Tag is not null)
            return null;

        var passing = new PassingRequest(head) { Half = head.SessionCase };
        if (head.SessionCase != SessionCase.Unspecified)
            return IsOurOwnToStranger(passing) ? null : passing;

        // Nobody says which half is to run: whoever is served gets his, the sender first.
        var goesToServed = Serves(head.Uri);
        if (passing.Originator is { } sender && Policy.Serves(sender))
            return passing with { Half = SessionCase.Originating, GoesToServed = goesToServed };

        return goesToServed ? passing with { Half = SessionCase.Terminating } : null;
    }

    /// <summary>
    /// A request to a conference: as it passes the half of its sender, if that may have something against it.
    /// </summary>
    public ImRequest OfOwn(ImRequest request) =>
        IsOn
        && request.IsInitial
        && request.Head.SessionCase != SessionCase.Terminating
        && request.Originator is { } sender
        && Policy.Serves(sender)
        && users.IsInactive(sender)
            ? new PassingRequest(request.Head) { Half = SessionCase.Originating, ToConference = request }
            : request;

    // Our own request to a number comes up for whoever has it, and nobody known has: the core knows who.
    private bool IsOurOwnToStranger(PassingRequest passing) =>
        passing.Uri.Scheme == "tel" && !Serves(passing.Uri)
        && passing.Originator is { } us && policy.Value.Domains.Contains(us.Host);

    // Whose a number is, only a registration tells.
    private bool Serves(SipUri user) => Policy.Serves(user) || (user.Scheme == "tel" && users.Of(user) is not null);
}
