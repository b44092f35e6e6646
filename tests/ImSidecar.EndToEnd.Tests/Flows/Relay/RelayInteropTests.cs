using System.Collections.Immutable;
using System.Net;
using ImSidecar.Client.Msrp;
using ImSidecar.Client.Sip;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.Msrp;
using ImSidecar.Protocol.Sdp;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.Relay;

/// <summary>RFC 4976: our relay and Kamailio's in one path, in either order, by real connections.</summary>
public sealed class RelayInteropTests : IAsyncLifetime
{
    private static readonly MsrpSendOptions _chunks = new() { ChunkSize = 2048, WantsSuccessReport = true };

    private readonly OurRelay _ours = new();
    private readonly KamailioRelay _kamailio = new();
    private readonly List<IAsyncDisposable> _ends = [];
    private readonly List<ProtocolViolation> _violations = [];

    public async ValueTask InitializeAsync()
    {
        await _ours.StartAsync();
        await _kamailio.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var each in Enumerable.Reverse(_ends))
            await each.DisposeAsync();
        await _kamailio.DisposeAsync();
        await _ours.DisposeAsync();
    }

    public static TheoryData<string, string> Paths => new()
    {
        { "ours", "kamailio" },
        { "kamailio", "ours" },
        { "ours", "ours" },
        { "ours kamailio", "" },
        { "kamailio ours", "" },
        { "ours kamailio", "ours" },
    };

    [Theory, MemberData(nameof(Paths))]
    public async Task Two_talk_through_these_relays(string alices, string bobs)
    {
        var alice = await JoinAsync("alice", alices);
        var bob = await JoinAsync("bob", bobs);
        await StartAsync(alice, bob);

        await SayAsync(alice, bob, "Fresh snow");
        await SayAsync(bob, alice, "Who drives?");
        await SayAsync(alice, bob, new('x', 100_000));

        Assert.Empty(_violations);
    }

    private static async Task SayAsync(MsrpSession from, MsrpSession to, string text)
    {
        var sent = await Within(from.SendTextAsync("sip:a@example.com", "sip:b@example.com", text, _chunks));
        Assert.Equal(200, sent.Status);
        Assert.Equal(text, (await Next(to.Messages)).Text);

        var report = await Next(from.Reports);
        Assert.Equal((sent.MessageId, 200), (report.MessageId, report.Status));
    }

    private async Task<MsrpSession> JoinAsync(string user, string relays)
    {
        ImmutableArray<MsrpUri> uris =
            [.. relays.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(each => each == "ours" ? OurRelay.Uri : KamailioRelay.Uri)];
        var relay = uris.IsEmpty ? null
            : await MsrpRelay.OpenAsync(
                new() { Relays = uris }, user, "demo", _violations.Add, TestContext.Current.CancellationToken);
        var session = new MsrpSession(IPAddress.Loopback, new() { Relay = relay }, _violations.Add);
        if (relay is not null)
        {
            _ends.Add(relay);
            Assert.Equal(uris.Select(each => each.EffectivePort), relay.UsePath.Select(each => each.EffectivePort));
        }

        _ends.Add(session);
        return session;
    }

    private static async Task StartAsync(MsrpSession active, MsrpSession passive)
    {
        await passive.StartAsync(MediaOf(active), isActive: false);
        await active.StartAsync(MediaOf(passive), isActive: true);
        Assert.Equal(200, await Within(active.Bound));
        await Within(passive.Connected);
    }

    private static MsrpMedia MediaOf(MsrpSession session) => new()
    {
        Port = session.Path[0].EffectivePort,
        Path = session.Path,
        AcceptTypes = ["message/cpim"],
    };
}
