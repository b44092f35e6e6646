extern alias ctl;

using ctl::ImSidecar.Cli;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Deferred;
using ImSidecar.Grpc;
using ImSidecar.Grpc.Health;
using ImSidecar.Msrp;
using ImSidecar.Protocol.Sip;
using ImSidecar.Server.Admin;
using ImSidecar.Server.Cluster;
using ImSidecar.Server.Gateway;
using ImSidecar.Server.Hosting;
using ImSidecar.Server.Lifecycle;
using ImSidecar.Server.Participating;
using ImSidecar.Server.Tests.Hosting;
using ImSidecar.Server.Tests.Stores;
using ImSidecar.Server.Tests.Xdm;
using ImSidecar.Server.Xdm;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImSidecar.Server.Tests.Admin;

/// <summary>The admin service on a socket of its own, over documents in memory; and imsidecarctl to ask it.</summary>
internal sealed class AdminHost : IAsyncDisposable
{
    private readonly string _folder;
    private readonly WebApplication _app;
    private readonly ScriptedLink _node;

    private AdminHost(string folder, ScriptedDocuments documents, ScriptedLink node, WebApplication app)
    {
        _node = node;
        _folder = folder;
        Documents = documents;
        _app = app;
    }

    public ScriptedDocuments Documents { get; }

    /// <summary>Where users are served.</summary>
    public ScriptedLink Node => _node;

    public InMemoryConferenceStore Store { get; private init; } = null!;

    public string Socket => Path.Combine(_folder, "admin.sock");

    /// <summary>Where Kamailio attaches.</summary>
    public string Gateway => Path.Combine(_folder, "gateway.sock");

    public static async Task<AdminHost> StartAsync(
        IAggregateStore? other = null, XcapHost? xdms = null, ReloadResult? reload = null, string gatewayListen = "",
        Membership? membership = null)
    {
        var store = new InMemoryConferenceStore();
        var node = new ScriptedLink(other ?? store, _ => Policy());
        var folder = Directory.CreateTempSubdirectory("admin-test-").FullName;
        var documents = new ScriptedDocuments();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(
            [new("Admin:Socket", Path.Combine(folder, "admin.sock"))]);
        builder.Services.AddAdmin(builder.Configuration);
        builder.Services.AddSingleton(new Live<OperatorPolicy>(Policy()));
        builder.Services.AddSingleton(new Groups(documents, new(), NullLogger<Groups>.Instance));
        builder.Services.AddSingleton(new AccessRules(documents, new(), NullLogger<AccessRules>.Instance));
        builder.Services.AddSingleton<IDeferredMessageStore>(node.Messages);
        builder.Services.AddSingleton<ImSidecar.Server.Stores.Deferred.IWaitingNews>(ImSidecar.Server.Stores.Deferred.NoOthers.Instance);
        builder.Services.AddSingleton(node.Router);
        builder.Services.AddSingleton(node.ServedUsers);
        builder.Services.AddSingleton(new ServedUserIds(new(new byte[32]), Policy()));
        builder.Services.AddSingleton(new ConferenceIds(new(new byte[32]), Policy()));
        builder.Services.AddSingleton(node.Directory);
        builder.Services.AddSingleton(node.Counts);
        builder.Services.AddSingleton(node.Subscribers);
        builder.Services.AddSingleton(node.Links);
        builder.Services.AddSingleton(node.Admission);
        builder.Services.AddSingleton(node.Drain);
        builder.Services.AddSingleton<Func<Task<ReloadResult>>>(() => Task.FromResult(reload ?? new([], [], [])));
        builder.Services.AddSingleton<Func<IReadOnlyDictionary<string, string?>>>(
            provider => () => provider.GetRequiredService<IConfiguration>().AsEnumerable().ToDictionary());
        builder.Services.AddSingleton(new LogLevels(Logging(), TimeProvider.System));
        if (membership is not null)
            builder.Services.AddSingleton(membership);
        if (xdms is not null)
        {
            builder.Services.AddSingleton(xdms.Documents);
            builder.Services.AddSingleton(xdms.Writing);
        }

        builder.Services.AddSingleton<IMsrpSwitch>(node.Switch);
        builder.Services.AddSingleton(new GatewayOptions { Node = "test-node", Listen = gatewayListen });
        builder.Services.AddSingleton(new Recovery(
            other ?? store, node.Router, new HealthBoard(), new Alone(), NullLogger<Recovery>.Instance));
        builder.Services.AddSingleton(new NodeStores(
            new("sqlite", "/var/lib/imsidecar/conferences.db", node.StoreHealth, () => 0),
            new("sqlite", "/var/lib/imsidecar/deferred.db", Given.StoreHealth(), () => 0)));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.UseGrpcLimits();
            kestrel.ListenGrpcUnixSocket(Path.Combine(folder, "gateway.sock"));
            kestrel.ListenAdmin(Path.Combine(folder, "admin.sock"));
        });
        var app = builder.Build();
        app.MapAdmin();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new(folder, documents, node, app) { Store = store };
    }

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    /// <summary>What was stored is resumed.</summary>
    public async Task RecoverAsync()
    {
        await Get<Recovery>().StartAsync(TestContext.Current.CancellationToken);
        await Get<Recovery>().Done.WaitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>imsidecarctl policy explain, and --socket if the arguments have none.</summary>
    public Task<(int Code, string Output, string Error)> ExplainAsync(params string[] arguments) =>
        ControlAsync(["policy", "explain", .. arguments]);

    /// <summary>imsidecarctl, and --socket if the arguments have none.</summary>
    public async Task<(int Code, string Output, string Error)> ControlAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        string[] socket = arguments.Contains("--socket") ? [] : ["--socket", Socket];
        var code = await Application.RunAsync([.. arguments, .. socket], output, error);
        return (code, output.ToString(), error.ToString());
    }

    /// <summary>imsidecarctl, of a command that goes on and on until it is disposed of.</summary>
    public LiveCommand Begin(params string[] arguments) => new([.. arguments, "--socket", Socket]);

    /// <summary>The same, as long as somebody reads it.</summary>
    public LiveCommand Begin(Func<bool> isRead, params string[] arguments) =>
        new([.. arguments, "--socket", Socket], isRead);

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _node.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static IConfiguration Logging() => new ConfigurationBuilder()
        .AddInMemoryCollection([new("LogLevel:Default", "Warning"), new("Logging:LogLevel:Default", "Warning")])
        .Build();

    private static OperatorPolicy Policy() => new()
    {
        ConferenceFactory = Uri("sip:conf-factory@im.example.com"),
        Domains = ["im.example.com", "groups.example.com"],
        GroupDomain = "groups.example.com",
        ReleaseVersion = "test",
        MsrpHost = "192.0.2.1",
        MsrpPort = 2855,
        Barred = [Uri("sip:barred@example.com").PersonKey],
        Participating = new() { Domains = ["example.com"], Sources = [RegistrationSource.Registrar] },
    };

    private static SipUri Uri(string text) =>
        SipUri.TryParse(text, out var uri) ? uri : throw new FormatException(text);
}
