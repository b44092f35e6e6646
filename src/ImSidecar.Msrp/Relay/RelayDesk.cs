namespace ImSidecar.Msrp.Relay;

/// <summary>Tells operators of the relay's sessions, and ends them.</summary>
internal sealed class RelayDesk(RelayServer relay) : IMsrpRelay
{
    public int Count => relay.Sessions.Count;

    public IReadOnlyList<MsrpRelaySession> List(string user, long after, int most) =>
    [
        .. relay.Sessions.All
            .Where(each => each.Number > after && (user.Length == 0 || each.User == user))
            .OrderBy(each => each.Number)
            .Take(most)
            .Select(each => new MsrpRelaySession(
                each.Number, each.User, each.Owner is null ? "" : each.Address?.ToString() ?? "", each.ExpiresAt)),
    ];

    public bool End(long number)
    {
        if (relay.Sessions.All.FirstOrDefault(each => each.Number == number) is not { } session)
            return false;

        relay.Sessions.End(session);
        return true;
    }
}
