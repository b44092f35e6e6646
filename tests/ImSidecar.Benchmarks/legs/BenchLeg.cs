using System.Globalization;
using ImSidecar.Msrp;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Benchmarks.Legs;

/// <summary>Legs by their number, as the load generator knows them.</summary>
internal static class BenchLeg
{
    public static MsrpLeg Of(int number, int bridge, string listen)
    {
        var session = string.Create(CultureInfo.InvariantCulture, $"leg{number:D6}-0123456789abcdef");
        var colon = listen.LastIndexOf(':');
        return new()
        {
            SessionId = session,
            BridgeId = string.Create(CultureInfo.InvariantCulture, $"bridge{bridge}"),
            LocalUri = new(listen[..colon], int.Parse(listen[(colon + 1)..], CultureInfo.InvariantCulture), session),
            RemotePath = [new("127.0.0.1", 9, string.Create(CultureInfo.InvariantCulture, $"client{number:D6}"))],
            AcceptTypes = ["message/cpim"],
            AcceptWrappedTypes = ["text/plain"],
            Identities = [string.Create(CultureInfo.InvariantCulture, $"sip:user{number}@example.com")],
            Room = ["sip:room@example.com"],
        };
    }
}
