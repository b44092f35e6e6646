using System.Reflection;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using ImSidecar.Server.Lifecycle;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace ImSidecar.Server.Tests.Lifecycle;

/// <summary>A sidecar that is composed, but not started, over a file that a test writes anew.</summary>
internal sealed class ReloadWorld : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("imsidecar-reload-");
    private readonly WebApplication _app;

    public ReloadWorld()
    {
        File.WriteAllText(PathOf("text"), "alice:example.com:" + new string('0', 32));
        File.WriteAllText(PathOf("key"), new string('a', 64));
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(PathOf("key"), UnixFileMode.UserRead);
        WriteCertificate("cert.pem", "key.pem");
        File.Copy(PathOf("cert.pem"), PathOf("same-cert.pem"));
        File.Copy(PathOf("key.pem"), PathOf("same-key.pem"));
        Base = new()
        {
            ["Gateway"] = new JsonObject
            {
                ["Socket"] = PathOf("gateway.sock"),
                ["Node"] = "node",
                ["Listen"] = "127.0.0.1:2858",
                ["CertificateFile"] = PathOf("cert.pem"),
                ["KeyFile"] = PathOf("key.pem"),
                ["CertificateAuthorities"] = PathOf("cert.pem"),
            },
            ["Admin"] = new JsonObject { ["Socket"] = PathOf("admin.sock") },
            ["Msrp"] = new JsonObject { ["TlsListen"] = "127.0.0.1:2856" },
            ["MsrpTls"] = new JsonObject { ["CertificateFile"] = PathOf("cert.pem"), ["KeyFile"] = PathOf("key.pem") },
            ["Relay"] = new JsonObject { ["Listen"] = "127.0.0.1:2857", ["DigestFile"] = PathOf("text") },
            ["Store"] = new JsonObject { ["Path"] = PathOf("imsidecar.db") },
            ["XcapClient"] = new JsonObject { ["Root"] = "http://xdms.example.net/" },
            ["Logging"] = new JsonObject { ["LogLevel"] = new JsonObject { ["Default"] = "None" } },
        };
        Write(Base);
        Assert.True(CommandLine.TryParse(["--config", PathOf("imsidecar.json")], out var line, out var error), error);
        var builder = Startup.CreateBuilder(new(line));
        builder.Services.AddSingleton(Sidecar.Role);
        Sidecar.Role.Add(builder.Services, builder.Configuration);
        Sections = SectionCheck.SectionsOf(builder.Services);
        _app = builder.Build();
    }

    public JsonObject Base { get; }

    public IReadOnlySet<Type> Sections { get; }

    public IServiceProvider Services => _app.Services;

    public string PathOf(string name) => Path.Combine(_folder.FullName, name);

    public void WriteCertificate(string certificateFile, string keyFile)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=im.example.com", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        File.WriteAllText(PathOf(certificateFile), certificate.ExportCertificatePem());
        File.WriteAllText(PathOf(keyFile), key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>The file with one key changed, read by the node.</summary>
    public Task<ReloadResult> WithAsync(string section, string key, JsonNode? value)
    {
        var changed = (JsonObject)Base.DeepClone();
        ((JsonObject)(changed[section] ??= new JsonObject()))[key] = value;
        Write(changed);
        return ReloadAsync();
    }

    public Task<ReloadResult> BackAsync()
    {
        Write(Base);
        return ReloadAsync();
    }

    public Task<ReloadResult> ReloadAsync() => Services.GetRequiredService<Reload>().ReloadAsync();

    public void Write(JsonObject configuration) => WriteText(configuration.ToJsonString());

    public void WriteText(string text) => File.WriteAllText(PathOf("imsidecar.json"), text);

    /// <summary>Another value for the key that is valid beside all others.</summary>
    public JsonNode Other(string section, PropertyInfo property, object? value) => $"{section}:{property.Name}" switch
    {
        "Gateway:NextHop" => "sip:192.0.2.1",
        "Gateway:Advertise" => "dns:im1.example.com:2880",
        "Cluster:StopsAfter" => "00:00:02.2",
        "Cluster:DeadAfter" => "00:00:04",
        "Gateway:Socket" or "Admin:Socket" or "MsrpControl:Socket" => PathOf("other.sock"),
        "Gateway:SocketGroup" => "root",
        "Gateway:Listen" => "127.0.0.1:4001",
        "Gateway:CertificateFile" => PathOf("same-cert.pem"),
        "Gateway:KeyFile" => PathOf("same-key.pem"),
        "Gateway:CertificateAuthorities" => PathOf("same-cert.pem"),
        "Gateway:Names" => new JsonArray("kamailio.example.net"),
        "Logging:Format" => "json",
        "Http:TlsListen" or "MsrpControl:HttpTlsListen" or "Relay:TlsListen" => "127.0.0.1:4001",
        "MsrpTls:CertificateFile" => PathOf("same-cert.pem"),
        "MsrpTls:KeyFile" => PathOf("same-key.pem"),
        "MsrpTls:CertificateAuthorities" => PathOf("cert.pem"),
        "Relay:DigestFile" => PathOf("imsidecar.json"),
        "Relay:Peers" => new JsonArray("relay.example.net"),
        "Relay:AllowedTargets" => new JsonArray("192.0.2.0/24"),
        "MsrpWebSocket:Path" => "/other",
        "MsrpWebSocket:Announce" => "wss://im.example.net/msrp",
        "MsrpWebSocket:AllowedOrigins" => new JsonArray("https://im.example.net"),
        "Store:Path" => PathOf("other.db"),
        "Store:Connection" => "Host=db.example.com",
        "DeferredStore:Connection" => "Data Source=" + PathOf("other.db"),
        "DeferredStore:PasswordFile" or "Store:PasswordFile" or "XcapServer:DigestFile" => PathOf("text"),
        "DeferredStore:KeyFiles" => new JsonArray(PathOf("key")),
        "XcapServer:Root" => "http://127.0.0.1:8080/other/",
        "XcapServer:TrustedProxies" => new JsonArray("192.0.2.1"),
        "DeferredStore:Schema" or "Store:Schema" => "other",
        "Xdm:Roots" => new JsonArray("http://xdms.example.net/"),
        "Controlling:ConferenceFactory" or "Controlling:ListServer" or "Deferred:Uri" => "sip:other@im.example.com",
        "Controlling:UnknownSessionCode" => 404,
        "Controlling:MediaTls" => "Never",
        "Participating:RejectStatus" => 480,
        "Participating:RegistrationSources" => "ThirdParty",
        "Participating:Domains" => new JsonArray("example.org"),
        _ when property.Name.EndsWith("Endpoint", StringComparison.Ordinal) => "http://127.0.0.1:4001",
        _ when property.Name.EndsWith("File", StringComparison.Ordinal) => PathOf("text"),
        _ => Other(property.PropertyType, value),
    };

    public void Dispose()
    {
        ((IDisposable)_app).Dispose();
        _folder.Delete(recursive: true);
    }

    private static JsonNode Other(Type type, object? value) => value switch
    {
        bool isOn => !isOn,
        int number => number > 1 ? number - 1 : number + 1,
        long number => number > 1 ? number - 1 : 2048,
        double number => number / 2,
        TimeSpan time => time == TimeSpan.Zero ? "00:00:01" : (time / 2).ToString(),
        Enum => Enum.GetNames(type).First(name => name != value.ToString()),
        IReadOnlyList<string> => new JsonArray("sip:other@example.net"),
        string text when text.StartsWith("127.", StringComparison.Ordinal) => "127.0.0.1:4001",
        string or null when type == typeof(string) => "other.example.net",
        _ => 4001,
    };
}
