using ImSidecar.Msrp;
using ImSidecar.Server.Admin;
using ImSidecar.Server.Gateway;
using ImSidecar.Server.Plane;
using ImSidecar.Server.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImSidecar.Server.Tests.Plane;

/// <summary>A plane on a real socket over a switch that remembers, and the sidecar's end of the stream.</summary>
internal sealed class PlaneWorld : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly string _folder = Directory.CreateTempSubdirectory("plane-test-").FullName;
    private readonly PlaneLink _link;
    private WebApplication? _plane;

    public PlaneWorld(TimeSpan? keepFor = null)
    {
        KeepFor = keepFor ?? TimeSpan.FromMinutes(2);
        var options = Microsoft.Extensions.Options.Options.Create(new PlaneOptions { Socket = Socket });
        Remote = new(
            Microsoft.Extensions.Options.Options.Create(new MsrpOptions()), TimeProvider.System,
            NullLogger<RemoteMsrpSwitch>.Instance);
        _link = new(Remote, options, new GatewayOptions { Node = "node1" }, RecoveredAtOnce, TimeProvider.System,
            NullLogger<PlaneLink>.Instance);
    }

    public RemoteMsrpSwitch Remote { get; }

    /// <summary>What the plane's commands come to; another one after a restart of the plane.</summary>
    public ScriptedSwitch Switch { get; private set; } = new();

    public bool HasSidecar => _plane!.Services.GetRequiredService<SidecarDesk>().Current is not null;

    public ScriptedRelay Relay { get; } = new();

    public string Socket => Path.Combine(_folder, "msrp.sock");

    private TimeSpan KeepFor { get; }

    private static Task RecoveredAtOnce => Task.CompletedTask;

    public static MsrpLeg Leg(string session, bool endsHere = false) => new()
    {
        SessionId = session,
        BridgeId = "c1",
        LocalUri = new("127.0.0.1", 2855, session),
        Identities = ["sip:alice@example.com"],
        EndsHere = endsHere,
    };

    public async Task<PlaneWorld> StartAsync()
    {
        await StartPlaneAsync();
        await StartSidecarAsync();
        await UntilAsync(() => Remote.IsAvailable);
        return this;
    }

    public Task StartSidecarAsync() => _link.StartAsync(CancellationToken.None);

    public Task StopSidecarAsync() => _link.StopAsync(CancellationToken.None);

    public async Task StartPlaneAsync()
    {
        Switch = new();
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            ContentRootPath = AppContext.BaseDirectory,
        });
        builder.Logging.ClearProviders();
        builder.Services.Configure<PlaneOptions>(_ => { });
        builder.Services.AddSingleton(Microsoft.Extensions.Options.Options.Create(
            new PlaneOptions { Socket = Socket, KeepLegsFor = KeepFor }));
        builder.Services.AddSingleton<IMsrpSwitch>(Switch);
        builder.Services.AddSingleton<IMsrpLegs>(Switch);
        builder.Services.AddSingleton<IMsrpRelay>(Relay);
        builder.Services.AddPlane();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenAdmin(Socket));
        _plane = builder.Build();
        _plane.MapPlane();
        await _plane.StartAsync();
    }

    public async Task StopPlaneAsync()
    {
        await _plane!.DisposeAsync();
        await UntilAsync(() => !Remote.IsAvailable);
    }

    public static async Task UntilAsync(Func<bool> isSo)
    {
        using var limit = new CancellationTokenSource(Patience);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!isSo())
            await tick.WaitForNextTickAsync(limit.Token);
    }

    public async Task<MsrpLegEvent> NextAsync() =>
        await Remote.Events.ReadAsync().AsTask().WaitAsync(Patience, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await StopSidecarAsync();
        _link.Dispose();
        if (_plane is not null)
            await _plane.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Remembers what it is told, and has the connections that a test gives it.</summary>
    internal sealed class ScriptedSwitch : IMsrpSwitch, IMsrpLegs
    {
        private readonly ScriptedLink.RecordingSwitch _recorded = new();

        public HashSet<string> Connected { get; } = [];

        public ScriptedLink.RecordingSwitch Recorded => _recorded;

        public System.Threading.Channels.ChannelReader<MsrpLegEvent> Events => _recorded.Events;

        public bool IsAvailable => true;

        public IReadOnlyCollection<string> SessionIds => [.. _recorded.Legs.Keys];

        public int Connections => Connected.Count;

        public bool IsConnected(string sessionId) => Connected.Contains(sessionId);

        public ValueTask OpenLegAsync(MsrpLeg leg) => _recorded.OpenLegAsync(leg);

        public void CloseLeg(string sessionId) => _recorded.CloseLeg(sessionId);

        public void AnswerNickname(string sessionId, string transaction, int status) =>
            _recorded.AnswerNickname(sessionId, transaction, status);

        public void AnswerMessage(string sessionId, long token, int status, string? comment = null) =>
            _recorded.AnswerMessage(sessionId, token, status, comment);

        public bool Send(string sessionId, MsrpMessage message) => _recorded.Send(sessionId, message);
    }

    /// <summary>Has the sessions that a test gives it.</summary>
    internal sealed class ScriptedRelay : IMsrpRelay
    {
        public List<MsrpRelaySession> Sessions { get; } = [];

        public int Count => Sessions.Count;

        public IReadOnlyList<MsrpRelaySession> List(string user, long after, int most) =>
            [.. Sessions.Where(each => each.Number > after && (user.Length == 0 || each.User == user)).Take(most)];

        public bool End(long number) => Sessions.RemoveAll(each => each.Number == number) > 0;
    }
}
