using ImSidecar.Core.Conferences;
using ImSidecar.Core.Identity;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Core.Controlling;

/// <summary>
/// IM 7.2.3.2 Chat alias in an IM conference, the part that people choose: MSRP NICKNAME, RFC 7701 7. What is given is
/// saved and shown at once.
/// </summary>
internal static class ChooseNickname
{
    // No key of a name that a person chose holds it.
    private static readonly string _aliases = NicknameKey.Of("@anonymous.invalid");

    public static Decision OnAsked(Conference conference, NicknameAsked asked, Facts facts)
    {
        if (conference.LegOfMedia(asked.SessionId) is not { IsAttending: true } participant)
            return Decision.Of(conference, Answer(asked, MsrpStatus.NoSuchSession));

        // RFC 7701 7: whom nobody told of a chat room is not in one.
        if (!conference.IsGroup)
            return Decision.Of(conference, Answer(asked, MsrpStatus.NotImplemented));

        // IM 7.2.3.2
        if (!facts.Operator.Nicknames)
            return Decision.Of(conference, Answer(asked, MsrpStatus.Forbidden));

        var wanted = asked.Nickname.Length == 0 ? null : asked.Nickname;
        var key = NicknameKey.Of(asked.Nickname);
        if (wanted is not null && key.Length == 0)
            return Decision.Of(conference, Answer(asked, MsrpStatus.NicknameMalformed));

        // IM 7.2.3.2
        if (wanted is not null && IsTaken(conference, participant, key))
            return Decision.Of(conference, Answer(asked, MsrpStatus.NicknameInUse));

        return wanted == participant.Nickname
            ? Decision.Of(conference, Answer(asked, MsrpStatus.Ok))
            : Decision.Of(
                conference.WithVisible(participant with { Nickname = wanted }), Answer(asked, MsrpStatus.Ok));
    }

    // Nobody finds out by trying names who one that hides is: he is compared by what is seen of him.
    private static bool IsTaken(Conference conference, Participant participant, string key)
    {
        if (key.Contains(_aliases, StringComparison.Ordinal))
            return true;

        foreach (var other in conference.Participants.Values)
        {
            if (other.IsShown && !other.IsAlso(participant) && NamesOf(other).Any(name => NicknameKey.Of(name) == key))
                return true;
        }

        return false;
    }

    private static IEnumerable<string> NamesOf(Participant participant)
    {
        if (DisplayName.Shown(participant) is { } shown)
            yield return shown;

        if (participant.IsAnonymous)
            yield break;

        // A client that is given no name shows the user part.
        if (participant is { Nickname: null, DisplayName: null })
            yield return participant.Address.User;

        if (participant.DisplayName is { } name)
            yield return name;

        yield return participant.Entity;
        yield return participant.Entity[(participant.Entity.IndexOf(':', StringComparison.Ordinal) + 1)..];
    }

    private static AnswerNickname Answer(NicknameAsked asked, int status) =>
        new(asked.SessionId, asked.Transaction, status);
}
