using System.Text.RegularExpressions;
using ImSidecar.Msrp;
using ImSidecar.Msrp.Relay;
using ImSidecar.Server.Admin;
using ImSidecar.Server.Cluster;
using ImSidecar.Server.Gateway;
using ImSidecar.Server.Lifecycle;
using ImSidecar.Server.Options;
using ImSidecar.Server.Participating;
using ImSidecar.Server.Stores;
using ImSidecar.Server.Stores.Deferred;
using ImSidecar.Server.Telemetry;
using ImSidecar.Server.Xdm.Embedded;
using ImSidecar.Server.Xdm.Remote;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace ImSidecar.Server.Tests.Options;

/// <summary>The configuration files that are shipped: complete, true to the defaults, and valid.</summary>
public class ConfigurationFileTests
{
    [Fact]
    public void The_shipped_file_holds_every_key_with_its_default()
    {
        AssertDefaults<GatewayOptions>(GatewayOptions.Section, except: "Node");
        AssertDefaults<OverloadOptions>(OverloadOptions.Section);
        AssertDefaults<AdminOptions>(AdminOptions.Section);
        AssertDefaults<HttpOptions>(HttpOptions.Section);
        AssertDefaults<TelemetryOptions>(TelemetryOptions.Section);
        AssertDefaults<MsrpOptions>(MsrpOptions.Section);
        AssertDefaults<RelayOptions>(RelayOptions.Section);
        AssertDefaults<StoreOptions>(StoreOptions.Section, except: "Path");
        AssertDefaults<DeferredStoreOptions>(DeferredStoreOptions.Section);
        AssertDefaults<XcapServerOptions>(XcapServerOptions.Section);
        AssertDefaults<ControllingOptions>(ControllingOptions.Section);
        AssertDefaults<XcapClientOptions>(XcapClientOptions.Section);
        AssertDefaults<ParticipatingOptions>(ParticipatingOptions.Section);
    }

    [Theory]
    [InlineData("imsidecar.json")]
    [InlineData("demo.json")]
    public void A_shipped_file_is_valid(string name)
    {
        var configuration = Load(name, ("Store:Path", "/tmp/imsidecar.db"), ("Gateway:Socket", "/tmp/gateway.sock"));

        Assert.Empty(SectionCheck.Complaints(Services(configuration)));
        ConfigurationKeys.Read(configuration, out var complaints);
        Assert.Empty(complaints);
    }

    [Theory]
    [InlineData("Controlling:ConferenceFactory", "conf", "Controlling:ConferenceFactory \"conf\" is no SIP URI")]
    [InlineData("Controlling:Barred:0", "mallory", "Controlling:Barred:0 \"mallory\" is no SIP URI")]
    [InlineData("Controlling:MayStart:0", "no one", "Controlling:MayStart:0 \"no one\" is neither a SIP URI")]
    [InlineData("Controlling:HistoryFunctions:0", "x", "Controlling:HistoryFunctions:0 \"x\" is no SIP URI")]
    [InlineData("Controlling:GroupDomain", "IM.example.com.", "Controlling:GroupDomain must be another domain")]
    [InlineData("Controlling:MaxAdHocParticipants", "1", "Controlling:MaxAdHocParticipants must be 2 to 1000")]
    [InlineData("Controlling:AllRefused", "7", "Controlling:AllRefused must be Lowest, HighestClass or Fixed480")]
    [InlineData("Controlling:Ioi", "a b", "Controlling:Ioi must be a host name or a quoted string")]
    [InlineData("Gateway:NextHop", "sip:scscf.example.com", "Gateway:NextHop must be a SIP URI with an IP address")]
    [InlineData("Gateway:Advertise", "im1.example.com", "Gateway:Advertise must be unix:/PATH, dns:NAME:PORT")]
    [InlineData("Cluster:DeadAfter", "00:00:02", "Cluster:DeadAfter must be at least Cluster:StopsAfter")]
    [InlineData("Gateway:Socket", "gateway.sock", "Gateway:Socket must be an absolute path")]
    [InlineData("Gateway:SocketGroup", "no such", "Gateway:SocketGroup \"no such\" is no group of this machine")]
    [InlineData("Gateway:Names:0", "kamailio example", "Gateway:Names:0 must be a DNS name")]
    [InlineData("Gateway:Names:0", "*.example.com", "Gateway:Names:0 must be a DNS name")]
    [InlineData("Admin:Socket", "admin.sock", "Admin:Socket must be an absolute path")]
    [InlineData("Overload:MaxDelay", "00:00:00", "Overload:MaxDelay must be more than 0")]
    [InlineData("Overload:MaxRequests", "100", "Overload:MaxRequests must be at least MaxNewRequests")]
    [InlineData("Overload:MaxEvents", "16384", "Overload:MaxEvents must be more than MaxRequests")]
    [InlineData("Msrp:Listen", "2855", "Msrp:Listen must be ADDRESS:PORT")]
    [InlineData("Relay:Listen", "2856", "Relay:Listen must be ADDRESS:PORT")]
    [InlineData("Relay:Listen", "127.0.0.1:2856", "Relay:DigestFile")]
    [InlineData("Relay:TlsListen", "127.0.0.1:2856", "Relay:TlsListen needs MsrpTls:CertificateFile")]
    [InlineData("Relay:Peers:0", "", "Relay:Peers: \"\" is neither a host name nor a fingerprint")]
    [InlineData("Relay:AllowedTargets:0", "a b", "Relay:AllowedTargets: \"a b\" is neither HOST[:PORT]")]
    [InlineData("Relay:MaxExpires", "00:10:00", "Relay:DefaultExpires")]
    [InlineData("Telemetry:OtlpEndpoint", "collector:4317", "Telemetry:OtlpEndpoint must be an http or https URI")]
    [InlineData("Telemetry:OtlpHeadersFile", "/nowhere/h", "Telemetry:OtlpHeadersFile: /nowhere/h does not exist")]
    [InlineData("Telemetry:OtlpEndpoint", "http://me:secret@collector:4317", "Telemetry:OtlpEndpoint must not hold a password")]
    [InlineData("Telemetry:TraceRatio", "2", "Telemetry:TraceRatio must be 0 to 1")]
    [InlineData("Telemetry:MetricInterval", "00:00:00", "Telemetry:MetricInterval must be 1 second to 1 hour")]
    [InlineData("Logging:Format", "xml", "Logging:Format must be text, json or systemd, or empty")]
    [InlineData("Http:Listen", "nowhere", "Http:Listen must be ADDRESS:PORT")]
    [InlineData("Store:Path", "imsidecar.db", "Store:Path is not an absolute path")]
    [InlineData("Store:Connection", "Data Source=/a.db", "Store:Connection must begin with Host= (PostgreSQL)")]
    [InlineData("Store:Connection", "Server=db", "Store:Connection must begin with")]
    [InlineData("Store:Connection", "Host=db;Password=secret", "Store:Connection must not hold a password")]
    [InlineData("DeferredStore:Connection", "deferred.db", "DeferredStore:Connection is no connection string")]
    [InlineData("DeferredStore:Connection", "Server=db", "DeferredStore:Connection must begin with Data Source= (SQLite)")]
    [InlineData("DeferredStore:Connection", "Data Source=x.db", "DeferredStore:Connection with Data Source= must name")]
    [InlineData("DeferredStore:Connection", "Data Source=/a.db;Pooling=false", "DeferredStore:Connection with Data Source= takes")]
    [InlineData("DeferredStore:Connection", "Host=db;Password=secret", "DeferredStore:Connection must not hold a password")]
    [InlineData("DeferredStore:Connection", "Host=db;SSL Password=secret", "DeferredStore:Connection must not hold a password")]
    [InlineData("DeferredStore:Connection", "Host=db;SslPassword=secret", "DeferredStore:Connection must not hold a password")]
    [InlineData("DeferredStore:Connection", "Host=db;Colour=red", "DeferredStore:Connection is no connection string")]
    [InlineData("DeferredStore:Schema", "im\"; --", "DeferredStore:Schema must be letters a to z, digits and _")]
    [InlineData("DeferredStore:PasswordFile", "/nowhere/pw", "DeferredStore:PasswordFile must be the absolute path")]
    [InlineData("DeferredStore:KeyFiles:0", "/nowhere/key", "DeferredStore:KeyFiles:0 /nowhere/key does not exist")]
    [InlineData("XcapServer:Root", "http://127.0.0.1/xcap", "XcapServer:Root must be an http or https URI")]
    [InlineData("XcapServer:TrustedProxies:0", "proxy", "XcapServer:TrustedProxies:0 \"proxy\" is neither an address")]
    [InlineData("XcapServer:IdentityHeader", "X: y", "XcapServer:IdentityHeader must be the name of a header field")]
    [InlineData("XcapServer:BodyTimeout", "00:00:00", "XcapServer:BodyTimeout must be 1 second to 1 hour")]
    [InlineData("XcapServer:DigestFile", "/nowhere/users", "XcapServer:DigestFile /nowhere/users does not exist")]
    [InlineData("XcapServer:Realm", "a\"b", "XcapServer:Realm must be a realm")]
    [InlineData("XcapServer:Administrators:0", "root", "XcapServer:Administrators:0 \"root\" is no SIP URI")]
    [InlineData("XcapServer:MaxDocumentBytes", "0", "XcapServer:MaxDocumentBytes must be 1 to 67108864")]
    [InlineData("Participating:Domains:0", "a b", "Participating:Domains:0 must be a host name")]
    [InlineData("Participating:RejectStatus", "404", "Participating:RejectStatus must be 403, 480, 486 or 603")]
    [InlineData("Participating:RegistrationSources", "Hss", "Participating:RegistrationSources must name sources")]
    [InlineData("Participating:RegistrationSources", "", "Participating:RegistrationSources must name sources")]
    [InlineData("Participating:MaxContacts", "0", "Participating:MaxContacts must be 1 to 100")]
    [InlineData("XcapServer:NonceLifetime", "00:00:00", "XcapServer:NonceLifetime must be 1 second to 1 day")]
    public void A_wrong_value_is_named_by_its_key(string key, string value, string complaint)
    {
        var complaints = SectionCheck.Complaints(Services(Load("imsidecar.json", (key, value))));

        Assert.Contains(complaints, told => told.StartsWith(complaint, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Msrp:MaxChunkBytes", "much", "a whole number")]
    [InlineData("Msrp:PlainTextNames", "maybe", "true or false")]
    [InlineData("Controlling:AllRefused", "none", "Lowest, HighestClass or Fixed480")]
    [InlineData("Controlling:NoAnswer", "soon", "a duration (hh:mm:ss or d.hh:mm:ss)")]
    [InlineData("Controlling:NoAnswer", "30", "a duration (hh:mm:ss or d.hh:mm:ss)")]
    [InlineData("Gateway:MaxQueuedActions", "99999999999999999999", "a whole number")]
    public void A_value_of_the_wrong_type_is_named_by_its_key(string key, string value, string kind)
    {
        var readable = ConfigurationKeys.Read(Load("imsidecar.json", (key, value)), out var complaints);

        Assert.Equal($"{key} must be {kind}, not \"{value}\"", Assert.Single(complaints));
        Assert.Null(readable[key]);
    }

    [Theory]
    [InlineData("Mrsp:Listen", "Mrsp is no section")]
    [InlineData("Controlling:MaxAdHoc", "Controlling:MaxAdHoc is no key")]
    [InlineData("Http:ListenEndPoint", "Http:ListenEndPoint is no key")]
    [InlineData("Controlling:Barred", "Controlling:Barred must be a list")]
    [InlineData("Controlling:Barred:0:Uri", "Controlling:Barred:0 must be a text, as all of the list are")]
    [InlineData("Controlling:Nicknames:0", "Controlling:Nicknames must be one value, not a section or a list")]
    [InlineData("Controlling", "Controlling must be a section")]
    [InlineData("Listen", "Listen is no section")]
    [InlineData("Logging:Levels:Default", "Logging:Levels is no key")]
    [InlineData("Logging:LogLevel:*A*", "Logging:LogLevel:*A* is no category: it may have one * only")]
    [InlineData("Logging:Console:LogLevel:**", "Logging:Console:LogLevel:** is no category: it may have one * only")]
    public void A_key_that_nobody_reads_is_refused(string key, string complaint)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([KeyValuePair.Create(key, (string?)"value")]).Build();

        ConfigurationKeys.Read(configuration, out var complaints);

        Assert.Equal(complaint, Assert.Single(complaints));
    }

    [Fact]
    public void The_shipped_file_says_at_the_head_of_each_section_what_is_reloaded()
    {
        var text = File.ReadAllText(Path.Combine(Root(), "packaging", "config", "imsidecar.json"));
        foreach (var (section, type) in ConfigurationKeys.Sections)
        {
            var names = type.GetProperties().Where(each => each.CanWrite).Select(each => each.Name).ToList();
            var reloaded = names.Where(name => ReloadableKeys.Contains($"{section}:{name}")).ToList();
            var head = Regex.Match(text, $"\"{section}\": {{\n((    //.*\n)*)").Groups[1].Value;
            var words = Regex.Match(head, "Reloaded: ([^.]*)\\.").Groups[1].Value.Replace("\n    //", "", StringComparison.Ordinal);
            string[] named = [.. Regex.Matches(words, "[A-Z]\\w+").Select(each => each.Value)];

            Assert.Equal(
                reloaded.Order(),
                (words == "all of it" ? names : words.StartsWith("all but ", StringComparison.Ordinal) ? names.Except(named) : named)
                    .Order());
        }
    }

    [Theory]
    [InlineData("imsidecar.service")]
    [InlineData("imsidecar-msrp-relay.service")]
    public void A_unit_starts_it_again_unless_the_configuration_is_wrong(string name)
    {
        var lines = File.ReadAllLines(Path.Combine(Root(), "packaging", "systemd", name));

        Assert.Contains("Restart=always", lines);
        Assert.Contains("RestartSec=2", lines);
        Assert.Contains("StartLimitIntervalSec=0", lines);
        Assert.Contains($"RestartPreventExitStatus={ExitCode.Configuration}", lines);
    }

    private static void AssertDefaults<T>(string section, string except = "") where T : new()
    {
        var configured = Load("imsidecar.json").GetSection(section);
        var bound = configured.Get<T>();
        foreach (var property in typeof(T).GetProperties().Where(property => property.CanWrite))
        {
            Assert.Contains(property.Name, configured.GetChildren().Select(child => child.Key));
            if (property.Name != except)
                Assert.Equal(property.GetValue(new T()), property.GetValue(bound));
        }

        Assert.All(configured.GetChildren(), child => Assert.NotNull(typeof(T).GetProperty(child.Key)));
    }

    private static ServiceCollection Services(IConfiguration configuration)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddStores(configuration);
        services.AddDeferredStore(configuration);
        services.AddMsrpSwitch(configuration);
        services.AddMsrpRelay(configuration);
        services.AddCluster(configuration);
        services.AddGateway(configuration);
        services.AddAdmin(configuration);
        services.AddHttp(configuration);
        services.AddTelemetry(configuration);
        services.AddEmbeddedDocuments(configuration);
        services.AddParticipating(configuration);
        ImSidecar.Server.Deferred.DeferredServices.AddDeferredMessages(services, configuration);
        ImSidecar.Server.Hosting.ConferenceServices.AddConferences(services, configuration);
        return services;
    }

    private static IConfigurationRoot Load(string name, params (string Key, string Value)[] overrides) =>
        new ConfigurationBuilder()
            .AddJsonFile(Path.Combine(Root(), "packaging", "config", name))
            .AddInMemoryCollection(overrides.Select(each => KeyValuePair.Create(each.Key, (string?)each.Value)))
            .Build();

    private static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "ImSidecar.sln")))
                return folder.FullName;
        }

        throw new DirectoryNotFoundException("No ImSidecar.sln above " + AppContext.BaseDirectory);
    }
}
