using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Identity;
using ImSidecar.Core.Rules;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Participating;

/// <summary>Whom the rules of a called user are asked about, IM 5.1 and IM 13.</summary>
internal static class Caller
{
    private const string ReferredBy = "Referred-By";

    /// <summary>
    /// Who is asserted. A focus calls for somebody: it says for whom, and the core that brings it vouches for that.
    /// </summary>
    public static Requester Of(PassingRequest request, OperatorPolicy policy, SipUri? hidden)
    {
        ImmutableArray<SipUri> identities = [.. request.Head.Identities.Select(identity => identity.Uri)];
        if (BehindFocus(request, policy) is { } person)
            identities = [person, .. identities];
        // What nobody else learns: who hides behind a request of ours is blocked all the same.
        if (hidden is not null && IsOurOwn(request, policy))
            identities = [hidden, .. identities];
        return new(identities, AuthenticatedOriginator.AsksPrivacy(request));
    }

    // Of our own focus From shows who invites, also to a session of two, where none is seen; any other one names him,
    // exactly once, by RFC 3892 3.
    private static SipUri? BehindFocus(PassingRequest request, OperatorPolicy policy)
    {
        var isOurOwn = IsOurOwn(request, policy);
        if (!request.Head.IsTrusted
            || request.Method != "INVITE"
            || (!isOurOwn && !IsForeignFocus(request, policy)))
            return null;

        if (request.Headers.First(ReferredBy) is { Length: <= 2 * SipUri.MaxLength } value
            && request.Headers.CountOf(ReferredBy) == 1
            && NameAddress.TryParse(value, out var address))
            return address.Uri;

        return isOurOwn && !IsOurs(request.From.Uri, policy) ? request.From.Uri : null;
    }

    private static bool IsOurOwn(PassingRequest request, OperatorPolicy policy) =>
        request.Head.IsTrusted && request.Originator is { } focus && IsOurs(focus, policy);

    // A phone may write that into its Contact too, and nobody takes it out: no user of ours is a focus.
    private static bool IsForeignFocus(PassingRequest request, OperatorPolicy policy) =>
        request.Contact?.IsFocus() == true
        && !request.Head.Identities.Any(each => each.Uri.Scheme == "tel" || policy.Participating.Serves(each.Uri));

    private static bool IsOurs(SipUri uri, OperatorPolicy policy) => policy.Domains.Contains(uri.Host);
}
