namespace ImSidecar.Core.Conferences;

/// <summary>
/// The user part of a session identity. It begins with the id of the conference, so any request to it finds that; a
/// pre-defined group, whose conference keeps its id, has a new one for each session.
/// </summary>
public static class SessionName
{
    private const int OwnLength = 16;

    /// <summary>The id that the name begins with; false when it names no session.</summary>
    public static bool TryReadId(string user, out AggregateId id)
    {
        var isGroups = user.Length == Tokens.Length + 1 + OwnLength && user[Tokens.Length] == '-';
        id = new(isGroups ? user[..Tokens.Length] : user);
        return id.Value.Length == Tokens.Length
            && Tokens.AreCharacters(id.Value)
            && (!isGroups || Tokens.AreCharacters(user.AsSpan(Tokens.Length + 1)));
    }

    internal static string OfGroup(AggregateId id, Facts facts) =>
        $"{id}-{facts.Derive("session").AsSpan(0, OwnLength)}";
}
