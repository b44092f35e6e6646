using System.Net;
using ImSidecar.Client.Sip;
using ImSidecar.Client.Sip.Transport;
using ImSidecar.EndToEnd.Tests.Client;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.EndToEnd.Tests.Crowd;

/// <summary>
/// Thousands of users behind a few ports, registered at Kamailio: they answer, watch, speak and leave, and each notes
/// what the server did wrong.
/// </summary>
internal sealed class Crowd : IAsyncDisposable
{
    private const int AtOnce = 64;
    private static readonly SipFlow _registrar = new(SipProtocol.Udp, new(IPAddress.Loopback, 5060));

    private readonly Dictionary<string, CrowdMember> _byUser = [];
    private readonly List<CrowdWire> _wires = [];

    private Crowd()
    {
    }

    public IReadOnlyList<CrowdMember> Members { get; private set; } = [];

    public IEnumerable<string> Faults =>
        Members.SelectMany(member => member.Faults.Concat(member.Leg.Faults))
            .Concat(_wires.Where(wire => wire.Broken > 0).Select(wire => $"{wire.Broken} messages were no SIP"));

    /// <summary>Registers users "name1", "name2" ... behind some ports.</summary>
    public static async Task<Crowd> RegisterAsync(string name, int count, CrowdOptions? options = null)
    {
        options ??= new();
        var crowd = new Crowd();
        for (var port = 0; port < options.Ports; port++)
        {
            var isUdp = port % options.UdpShare == options.UdpShare - 1;
            crowd._wires.Add(new(isUdp ? SipProtocol.Udp : SipProtocol.Tcp, crowd.OnRequest, options.IsUdpDeaf && isUdp));
        }

        crowd.Members =
        [
            .. Enumerable.Range(1, count).Select(i => new CrowdMember($"{name}{i}", crowd._wires[i % options.Ports])
            {
                ContactParameters = options.ContactParameters,
                Connects = options.Connects(i),
            }),
        ];
        foreach (var member in crowd.Members)
            crowd._byUser.Add(member.User, member);
        await crowd.RegisterAsync();
        return crowd;
    }

    /// <summary>Does it for all of them, some at once.</summary>
    public static Task ForEachAsync<T>(IEnumerable<T> of, Func<T, Task> act, int atOnce = AtOnce) =>
        Parallel.ForEachAsync(of, new ParallelOptions { MaxDegreeOfParallelism = atOnce }, async (each, _) => await act(each));

    public async ValueTask DisposeAsync()
    {
        foreach (var member in Members)
            member.Leg.Dispose();
        foreach (var wire in _wires)
            await wire.DisposeAsync();
    }

    // One challenge serves them all: Kamailio's nonces may be used again while they are fresh.
    private async Task RegisterAsync()
    {
        var challenged = await Members[0].Wire.RequestAsync(CrowdMessages.Register(Members[0], null), _registrar);
        Assert.Equal(401, challenged.Status);
        var challenge = DigestChallenge.Of(challenged)!;
        await ForEachAsync(Members, async member =>
        {
            var authorization = new DigestCredentials(member.User, "demo")
                .Answer(challenge, "REGISTER", "sip:example.com", "crowd");
            var answer =
                await member.Wire.RequestAsync(CrowdMessages.Register(member, authorization), _registrar);
            Assert.Equal(200, answer.Status);
        });
    }

    private void OnRequest(SipMessage request, SipFlow flow)
    {
        if (SipUri.TryParse(request.RequestUri!, out var uri) && _byUser.TryGetValue(uri.User, out var member))
            member.OnRequest(request, flow);
    }
}
