using ImSidecar.Core.Conferences;
using ImSidecar.Core.Rules;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Policies;

/// <summary>Who wants into a session, by all his asserted addresses, and whether others are to see who he is.</summary>
internal readonly record struct Joiner(Requester Who, bool WantsAnonymity)
{
    public static Joiner Of(ImRequest request, bool wantsAnonymity = false) =>
        new(new([.. request.Head.Identities.Select(identity => identity.Uri)]), wantsAnonymity);

    public static Joiner Of(Participant participant) =>
        new(new([participant.Address, .. participant.OtherAddresses]), participant.IsAnonymous);

    public static Joiner Of(SipUri address) => new(new(address), WantsAnonymity: false);
}
