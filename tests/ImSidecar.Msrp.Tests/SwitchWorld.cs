using System.Collections.Immutable;
using System.IO.Pipelines;
using ImSidecar.Msrp.Switch;
using ImSidecar.Msrp.Transport;
using ImSidecar.Protocol.Msrp;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace ImSidecar.Msrp.Tests;

/// <summary>A switch with a clock of its own, and peers over in-memory pipes.</summary>
internal sealed class SwitchWorld : IDisposable
{
    public const string Group = "sip:g1@groups.example.com";

    // What Kestrel's transports hold, made small enough to fill in a test.
    private static readonly PipeOptions _pipe = new(pauseWriterThreshold: 64 * 1024, resumeWriterThreshold: 32 * 1024);

    private readonly List<Task> _connections = [];

    public SwitchWorld(MsrpOptions? options = null)
    {
        Options = options ?? new();
        Tls = new(
            Microsoft.Extensions.Options.Options.Create(new MsrpTlsOptions()), Clock, NullLogger<TlsIdentity>.Instance);
        Switch = new(
            Microsoft.Extensions.Options.Options.Create(Options), Tls, Clock, NullLogger<MsrpSwitch>.Instance);
    }

    public MsrpOptions Options { get; }

    public ManualClock Clock { get; } = new();

    public TlsIdentity Tls { get; }

    public MsrpSwitch Switch { get; }

    public static string Aor(string name) => $"sip:{name}@example.com";

    public static MsrpUri OurUri(string name) => new("127.0.0.1", 2855, name + "0123456789abcdef");

    public static MsrpUri PeerUri(string name, int port = 9) => new("127.0.0.1", port, name + "peer");

    public static MsrpLeg Leg(string name, string bridge = "b1") => new()
    {
        SessionId = OurUri(name).SessionId!,
        BridgeId = bridge,
        LocalUri = OurUri(name),
        RemotePath = [PeerUri(name)],
        AcceptTypes = ["message/cpim"],
        AcceptWrappedTypes = ["*"],
        Identities = [Aor(name)],
    };

    /// <summary>A connection that nobody has used yet.</summary>
    /// <param name="name">Whose session it is for.</param>
    /// <param name="from">Where its peer is, by name; null: where he is at first.</param>
    /// <param name="incoming">How what it writes comes to the switch; null: as fast as that reads.</param>
    public Peer Connect(string name, string? from = null, PipeOptions? incoming = null)
    {
        var toSwitch = new Pipe(incoming ?? _pipe);
        var toPeer = new Pipe(_pipe);
        var context = new DefaultConnectionContext(
            name, new Duplex(toSwitch.Reader, toPeer.Writer), new Duplex(toPeer.Reader, toSwitch.Writer));
        _connections.Add(Switch.ServeAsync(context));
        return new(toPeer.Reader, toSwitch.Writer, PeerUri(from ?? name), OurUri(name));
    }

    /// <summary>Opens the leg of this user and binds a connection to it.</summary>
    public async Task<Peer> JoinAsync(string name, Func<MsrpLeg, MsrpLeg>? change = null)
    {
        var leg = change?.Invoke(Leg(name)) ?? Leg(name);
        Switch.OpenLeg(leg);
        var peer = Connect(name);
        await BindAsync(peer);
        Assert.Equal(new MsrpLegConnected(leg.SessionId, leg.BridgeId), await NextEventAsync());
        return peer;
    }

    public async Task<ImmutableArray<Peer>> JoinAsync(params string[] names)
    {
        var peers = ImmutableArray.CreateBuilder<Peer>();
        foreach (var name in names)
            peers.Add(await JoinAsync(name));

        return peers.ToImmutable();
    }

    public static async Task BindAsync(Peer peer)
    {
        await peer.WriteAsync(output => MsrpWriter.WriteKeepAlive(output, peer.Paths));
        Assert.Equal(200, await peer.ReadBoundAsync());
    }

    public async Task<MsrpLegEvent> NextEventAsync() =>
        await Switch.Events.ReadAsync().AsTask().WaitAsync(Peer.Patience);

    /// <summary>Sees that two of one bridge still hear each other.</summary>
    public static async Task StillTalkAsync(Peer alice, Peer bob)
    {
        await alice.SayAsync("still here", Aor("alice"), Group);
        Assert.Equal("still here", Peer.Text(await bob.ReadSendAsync()));
    }

    public static Task WithinAsync(Task task) => task.WaitAsync(Peer.Patience);

    /// <summary>Waits for something that no event tells.</summary>
    public static async Task UntilAsync(Func<bool> happened)
    {
        using var patience = new CancellationTokenSource(Peer.Patience);
        while (!happened())
            await Task.Delay(1, patience.Token);
    }

    /// <summary>Turns the clock as if nothing had been on its way to a peer meanwhile: that would be stalled.</summary>
    public async Task PassAsync(TimeSpan time)
    {
        await UntilAsync(() => Switch.Connections.All(each => each.Stalled is null));
        Clock.Advance(time);
    }

    /// <summary>Every connection handler has returned.</summary>
    public Task ConnectionsEndedAsync() => Task.WhenAll(_connections).WaitAsync(Peer.Patience);

    public void Dispose() => Switch.Dispose();

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
