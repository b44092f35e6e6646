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

    /// <summary>True for a request with such a Privacy header, or one whose From names nobody; RFC 3323 4.1.</summary>
    public static bool AsksPrivacy(ImRequest request) =>
        AsksPrivacy(request.Headers)
        || request.From.Uri.Host.Equals("anonymous.invalid", StringComparison.OrdinalIgnoreCase);

    public static bool AsksPrivacy(SipHeaders headers)
    {
        foreach (var field in headers)
        {
            if (!field.Name.Equals("Privacy", StringComparison.OrdinalIgnoreCase))
                continue;

            foreach (var token in new SipList(field.Value, ';'))
            {
                foreach (var hiding in _hidingTokens)
                {
                    if (token.Equals(hiding, StringComparison.OrdinalIgnoreCase))
                        return true;
                }
            }
        }

        return false;
    }

    /// <summary>An anonymous entity of its own for each participant, for all of them share one From value.</summary>
    public static string AnonymousEntity(int number) => $"sip:anonymous{number}@anonymous.invalid";

    /// <summary>The URIs that a CPIM From on this leg may carry.</summary>
    public static ImmutableArray<string> CpimIdentities(Participant participant) => participant.IsAnonymous
        ? [participant.Entity, AnyAnonymous]
        : [participant.Entity];
}
