using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Identity;

/// <summary>
/// IM 7.2.3.2 Chat alias in an IM conference: what others see of who asks privacy. Every name under anonymous.invalid
/// is given by us, one for each number of the conference, so none is like another or like what a user brings himself.
/// </summary>
internal static class ChatAlias
{
    private const string Host = "anonymous.invalid";

    /// <summary>RFC 3323 4.1.1.3: From of who hides and needs no name of his own.</summary>
    public static readonly SipUri Nobody = SipUri.Of("sip", "anonymous", Host);

    /// <summary>Who gets an alias loses what would tell who he is.</summary>
    public static Participant Give(Participant participant) => participant with
    {
        IsAnonymous = true,
        DisplayName = null,
        Nickname = null,
        Entity = Of(participant.Number),
    };

    /// <summary>
    /// Who comes again while he is still here stays who he was for the others, unless that would tell them that one who
    /// hides is one who does not.
    /// </summary>
    public static Participant GoOn(Participant arriving, IEnumerable<Participant> before)
    {
        foreach (var part in before)
        {
            if (part.IsAttending && part.IsAnonymous == arriving.IsAnonymous)
                return arriving with { Entity = part.Entity, Nickname = part.Nickname };
        }

        return arriving;
    }

    public static string Of(int number) => $"sip:anonymous{number}@{Host}";

    /// <summary>RFC 3323 4.1: under this host nobody can be reached, and nobody is who he says.</summary>
    public static bool IsNobody(SipUri uri) => uri.Host.TrimEnd('.').Equals(Host, StringComparison.OrdinalIgnoreCase);
}
