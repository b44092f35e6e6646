using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Identity;

/// <summary>
/// IM 5.5 Display Name: the name others see, by priority. Nickname; From; asserted identity; group document; inviting
/// list. Where there is none a client shows the user part of the address.
/// </summary>
internal static class DisplayName
{
    /// <summary>What stands for the name of who asks privacy.</summary>
    public const string Anonymous = "Anonymous";

    private const int MaxLength = 128;

    /// <summary>The name of one who comes by himself.</summary>
    public static string? Of(ImRequest request, GroupFacts? group = null)
    {
        // IM 5.5
        if (Given(request.From.DisplayName) is { } own)
            return own;

        // IM 5.5
        if (Given(request.OriginatorAddress?.DisplayName) is { } asserted)
            return asserted;

        return request.Head.Identities.Select(identity => OfMember(group, identity.Uri)).FirstOrDefault(Exists);
    }

    /// <summary>The name of one who is invited.</summary>
    public static string? OfInvitee(SipUri address, string? listed, GroupFacts? group)
    {
        // IM 5.5
        if (OfMember(group, address) is { } member)
            return member;

        return Given(listed);
    }

    /// <summary>What the roster shows; of who asks privacy only what he wants to be called.</summary>
    public static string? Shown(Participant participant)
    {
        // IM 5.5
        if (participant.Nickname is { } nickname)
            return nickname;

        // IM 5.5, IM 7.2.3.2
        if (participant.IsAnonymous)
            return Anonymous;

        return participant.DisplayName;
    }

    public static string? Bounded(string? name) =>
        name is not { Length: > MaxLength } ? name
        : char.IsHighSurrogate(name[MaxLength - 1]) ? name[..(MaxLength - 1)]
        : name[..MaxLength];

    private static string? OfMember(GroupFacts? group, SipUri user) => Given(group?.Group?.NameOf(user));

    private static string? Given(string? name) => string.IsNullOrWhiteSpace(name) ? null : Bounded(name);

    private static bool Exists(string? name) => name is not null;
}
