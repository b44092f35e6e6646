using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Client.Demo;

/// <summary>Tells by ports who sent a message and who got it.</summary>
internal sealed class Cast(DemoProfile profile, IEnumerable<HandsetProcess> handsets)
{
    public const string Kamailio = "kamailio";
    public const string Sidecar = "sidecar";

    private readonly Dictionary<int, string> _users = handsets.ToDictionary(each => each.SipPort, each => each.User);
    private readonly Dictionary<int, string> _msrp = [];

    /// <summary>Takes in the MSRP URI a handset announced.</summary>
    public void Learn(string user, string msrpUri)
    {
        if (MsrpUri.TryParse(msrpUri.AsSpan(), out var uri))
            _msrp[uri.EffectivePort] = user;
    }

    /// <summary>Sender and receiver, or null for what none of them said to another.</summary>
    public (string From, string To)? Of(WireMessage message)
    {
        var (from, to) = message.IsMsrp ? OfMsrp(message) : OfSip(message);
        return from is null || to is null || from == to ? null : (from, to);
    }

    private (string? From, string? To) OfMsrp(WireMessage message)
    {
        var peer = message.TargetPort == profile.MsrpPort ? message["msrp.from.path"] : message["msrp.to.path"];
        var user = MsrpUri.TryParse((peer ?? "").AsSpan(), out var uri)
            ? _msrp.GetValueOrDefault(uri.EffectivePort)
            : null;
        return message.TargetPort == profile.MsrpPort ? (user, Sidecar) : (Sidecar, user);
    }

    private (string? From, string? To) OfSip(WireMessage message)
    {
        LearnConnection(message);
        var isOnCoreSide = message.SourcePort == profile.CorePort || message.TargetPort == profile.CorePort;
        return (NameOf(message.SourcePort, isOnCoreSide), NameOf(message.TargetPort, isOnCoreSide));
    }

    // A handset over TCP sends from a port of its own; its Via names the one we know.
    private void LearnConnection(WireMessage message)
    {
        if (message.IsRequest && message.TargetPort == profile.Proxy.Port
            && int.TryParse(message["sip.Via.sent-by.port"], out var port) && _users.TryGetValue(port, out var user))
            _users.TryAdd(message.SourcePort, user);
    }

    // What the sidecar sends, the module puts on Kamailio's core port, and there its answers come back; any other
    // port is one that Kamailio called a handset from.
    private string NameOf(int port, bool isOnCoreSide) =>
        _users.TryGetValue(port, out var user) ? user
        : isOnCoreSide && port != profile.CorePort ? Sidecar
        : Kamailio;
}
