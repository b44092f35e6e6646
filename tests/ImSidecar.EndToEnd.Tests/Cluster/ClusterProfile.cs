using ImSidecar.Core.Conferences;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.Sip;
using ImSidecar.Server.Participating;
using ImSidecar.Server.Stores;
using ImSidecar.Server.Tests.Stores.Deferred;

namespace ImSidecar.EndToEnd.Tests.Cluster;

/// <summary>
/// Two Kamailios, two sidecars and a PostgreSQL: "east" and "west", each with an address of its own on loopback. The
/// Kamailios tell each other who is registered.
/// </summary>
public class ClusterProfile : IAsyncLifetime
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(40);

    private static readonly string[] _overrides =
    [
        "--Controlling:NotifyInterval=00:00:00.5", "--Controlling:NoAnswer=00:00:05",
        "--Controlling:MinSubscriptionDuration=00:00:02", "--Controlling:ForgetAfter=00:00:01",
        // The demo's own is one Kamailio.
        "--Gateway:NextHop=", "--Store:Path=",
    ];

    // A Kamailio that is killed, or whose peer is.
    private static readonly string[] _expected = ["receive_fd(): recvmsg on", "handle_ser_child(): read from child"];

    private readonly string _folder = Directory.CreateTempSubdirectory("imsidecar-cluster.").FullName;
    private readonly ClusterNet _net;
    private IReadOnlyList<string> _settings = [];

    public ClusterProfile()
        : this(new())
    {
    }

    internal ClusterProfile(ClusterNet net)
    {
        _net = net;
        Database = new(net.AddressOf(ClusterNet.Database), net.Enter(ClusterNet.Database));
        Nodes = [new("east", net, _folder, Settings), new("west", net, _folder, Settings)];
        Kamailios = [new("k1", "k2", net, _folder, Nodes), new("k2", "k1", net, _folder, Nodes)];
    }

    public bool KeepsTraces { get; set; } = Environment.GetEnvironmentVariable("IMSIDECAR_KEEP") is { Length: > 0 };

    internal PostgresServer Database { get; }

    internal List<ClusterNode> Nodes { get; }

    internal IReadOnlyList<ClusterKamailio> Kamailios { get; }

    internal ClusterNode East => Nodes[0];

    internal ClusterNode West => Nodes[1];

    public virtual ValueTask InitializeAsync() => StartAsync(Release.This);

    internal async ValueTask StartAsync(Release release, params IReadOnlyList<string> settings)
    {
        _settings = settings;
        await Database.InitializeAsync();
        foreach (var node in Nodes)
            node.Release = release;
        foreach (var kamailio in Kamailios)
            kamailio.Release = release;
        foreach (var node in Nodes)
            node.Launch();
        foreach (var kamailio in Kamailios)
            kamailio.Launch();
        await SettledAsync();
    }

    /// <summary>The sidecars with these settings on top of the profile's: started again when they have others.</summary>
    public async Task BeginFlowAsync(IReadOnlyList<string> settings)
    {
        if (!settings.SequenceEqual(_settings))
        {
            _settings = settings;
            await Task.WhenAll(Nodes.Where(node => node.IsRunning).Select(node => node.StopAsync()));
        }

        await SettledAsync();
    }

    /// <summary>One more on the same tables; the Kamailios hear of it by the others.</summary>
    internal async Task<ClusterNode> AddAsync(string name)
    {
        var node = new ClusterNode(name, _net, _folder, Settings);
        Nodes.Add(node);
        await SettledAsync();
        return node;
    }

    /// <summary>It stops in order, for good.</summary>
    internal async Task RemoveAsync(ClusterNode node)
    {
        if (!Nodes.Remove(node))
            return;

        if (node.IsRunning)
            await node.StopAsync();
        await node.DisposeAsync();
        await SettledAsync();
    }

    /// <summary>Everything runs, everybody is attached to everybody, and the slots are shared out.</summary>
    public async Task SettledAsync()
    {
        foreach (var node in Nodes.Where(node => !node.IsRunning))
            node.Launch();
        using var limit = new CancellationTokenSource(_patience);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!await IsSettledAsync())
        {
            foreach (var node in Nodes)
                node.ThrowIfExited();
            foreach (var kamailio in Kamailios)
                kamailio.ThrowIfExited();
            if (limit.IsCancellationRequested)
            {
                KeepsTraces = true;
                throw new TimeoutException(
                    $"not settled: {string.Join("; ", Nodes.Select(node => node.Name + ": " + node.LastError()))} ({_folder})");
            }

            await tick.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    /// <summary>How many slots each node has, by name; what nobody has is "".</summary>
    public async Task<Dictionary<string, long>> SlotsAsync()
    {
        Dictionary<string, long> slots = [];
        foreach (var node in Nodes.Select(node => node.Name).Append(""))
        {
            slots[node] = (long)(await Database.RunAsync(
                $"SELECT count(*) FROM imsidecar.slot WHERE coalesce(owner, '') = '{node}'"))!;
        }

        return slots;
    }

    /// <summary>The node that has the session now.</summary>
    public Task<string> OwnerOfAsync(string sessionIdentity) =>
        OwnerOfAsync(Slot.Of(new(sessionIdentity.Split(':', '@')[1])));

    /// <summary>The node that serves the user now, and pushes what is kept for him.</summary>
    public async Task<string> OwnerOfUserAsync(string address) => await OwnerOfAsync(Slot.Of(await IdOfAsync(address)));

    /// <summary>Whether the sidecars have heard that the user is there: a REGISTER is answered before.</summary>
    public async Task<bool> IsKnownAsync(string address) => (long)(await Database.RunAsync(
        $"SELECT count(*) FROM imsidecar.head WHERE id = '{await IdOfAsync(address)}'"))! > 0;

    /// <summary>How many messages are kept for the user.</summary>
    public async Task<long> KeptAsync(string address) => (long)(await Database.RunAsync(
        $"SELECT count(*) FROM imsidecar.message WHERE recipient = '{address}'"))!;

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        List<string> faults = [];
        foreach (var kamailio in Kamailios)
        {
            await kamailio.DisposeAsync();
            faults.AddRange(kamailio.Failures());
        }

        foreach (var node in Nodes)
        {
            await node.DisposeAsync();
            faults.AddRange(node.Failures());
        }

        await Database.DisposeAsync();
        _net.Dispose();
        faults.RemoveAll(fault => _expected.Any(expected => fault.Contains(expected, StringComparison.Ordinal)));
        if (KeepsTraces || faults.Count > 0)
            Console.WriteLine($"logs of the cluster are in {_folder}");
        else
            Directory.Delete(_folder, recursive: true);
        if (faults.Count > 0)
            throw new InvalidOperationException(string.Join('\n', faults.Take(20)));
    }

    private IEnumerable<string> Settings() =>
        [$"--Store:Connection={Database.Connection}", .. _overrides, .. _settings];

    private async Task<AggregateId> IdOfAsync(string address)
    {
        var secret = (byte[])(await Database.RunAsync("SELECT value FROM imsidecar.meta WHERE name = 'node-secret'"))!;
        Assert.True(SipUri.TryParse(address, out var user));
        // The operator's policy has no say in that.
        return new ServedUserIds(new NodeSecret(secret), null!).Of(user);
    }

    private async Task<string> OwnerOfAsync(Slot slot) =>
        (string?)await Database.RunAsync($"SELECT owner FROM imsidecar.slot WHERE number = {slot}") ?? "";

    private protected virtual async Task<bool> IsSettledAsync()
    {
        foreach (var node in Nodes)
        {
            if (!await node.IsReadyAsync())
                return false;
        }

        foreach (var kamailio in Kamailios)
        {
            // One line for each node that is attached.
            var attached = (await kamailio.AskAsync("im_sidecar.nodes")).Split("\tattached: 1\n").Length - 1;
            if (attached != Nodes.Count)
                return false;
        }

        var slots = await SlotsAsync();
        var share = (double)Slot.Count / Nodes.Count;
        return slots[""] == 0 && Nodes.All(node => Math.Abs(slots[node.Name] - share) < share / 4);
    }
}

/// <summary>They run alone: everything on the machine is theirs.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ClusterProfileUsers : ICollectionFixture<ClusterProfile>
{
    public const string Name = "cluster profile";
}
