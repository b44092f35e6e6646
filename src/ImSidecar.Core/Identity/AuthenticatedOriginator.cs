using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Identity;

/// <summary>IM 5.1 Authenticated Originator's IM Address, and what stands for it where privacy was asked for.</summary>
internal static class AuthenticatedOriginator
{
    private const string AnyAnonymous = "sip:anonymous@anonymous.invalid";

    // RFC 3323 4.2: each of these asks that others do not see who it is.
    private static readonly string[] _hidingTokens = ["id", "user", "header"];

    // These are what we do anyway: media goes to us, and the way of a request is told to nobody.
    private static readonly string[] _otherTokens = ["session", "history", "none", "critical"];

    /// <summary>
    /// True for a request with such a Privacy header, or whose From or asserted identity names nobody; RFC 3323 4.1.
    /// </summary>
    public static bool AsksPrivacy(ImRequest request) =>
        AsksPrivacy(request.Headers)
        || ChatAlias.IsNobody(request.From.Uri)
        || request.Head.Identities.Any(identity => ChatAlias.IsNobody(identity.Uri));

    public static bool AsksPrivacy(SipHeaders headers) => Names(headers, IsHiding);

    /// <summary>RFC 3323 5: privacy that we do not know, and without which there is to be no session.</summary>
    public static bool AsksUnknownPrivacy(SipHeaders headers) =>
        Names(headers, static token => Is(token, "critical"))
        && Names(headers, static token => !IsHiding(token) && !IsOther(token));

    /// <summary>
    /// The URIs that a CPIM From on this leg may carry. Who is anonymous may write who he is: it goes no further.
    /// </summary>
    public static ImmutableArray<string> CpimIdentities(Participant participant)
    {
        ImmutableArray<string> own =
            [participant.Address.Text, .. participant.OtherAddresses.Select(address => address.Text)];
        return participant.IsAnonymous ? [participant.Entity, AnyAnonymous, .. own] : own;
    }

    private delegate bool TokenTest(ReadOnlySpan<char> token);

    private static bool Names(SipHeaders headers, TokenTest test)
    {
        foreach (var field in headers)
        {
            if (!field.Name.Equals("Privacy", StringComparison.OrdinalIgnoreCase))
                continue;

            foreach (var token in new SipList(field.Value, ';'))
            {
                if (!token.IsEmpty && test(token))
                    return true;
            }
        }

        return false;
    }

    private static bool IsHiding(ReadOnlySpan<char> token) => IsOneOf(token, _hidingTokens);

    private static bool IsOther(ReadOnlySpan<char> token) => IsOneOf(token, _otherTokens);

    private static bool IsOneOf(ReadOnlySpan<char> token, string[] tokens)
    {
        foreach (var each in tokens)
        {
            if (Is(token, each))
                return true;
        }

        return false;
    }

    private static bool Is(ReadOnlySpan<char> token, string other) =>
        token.Equals(other, StringComparison.OrdinalIgnoreCase);
}
