extern alias ctl;

using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using ctl::ImSidecar.Cli;
using ctl::ImSidecar.Cli.Doctor;
using ImSidecar.Server.Admin;
using ImSidecar.Server.Tests.Lifecycle;
using Microsoft.Extensions.DependencyInjection;

namespace ImSidecar.Server.Tests.Admin;

/// <summary>imsidecarctl doctor: what is wrong with an installation, and what to do.</summary>
public sealed class DoctorTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("imsidecar-doctor-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Without_a_sidecar_the_file_alone_is_examined_and_the_exit_code_is_1()
    {
        var (code, said) = await RunAsync($$"""{ "Store": { "Path": "{{File("store.db")}}" } }""");

        Assert.Equal(1, code);
        Assert.Contains("\nFAIL  sidecar: imsidecar cannot be reached at", said, StringComparison.Ordinal);
        Assert.Contains(" -> systemctl status imsidecar", said, StringComparison.Ordinal);
        Assert.DoesNotContain("FAIL  configuration", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_JSON_is_named()
    {
        var (_, said) = await RunAsync("{ \"Msrp\": ");

        Assert.StartsWith($"FAIL  configuration: {File("imsidecar.json")} is no JSON", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_without_a_listener_and_one_that_speaks_something_else_are_told()
    {
        using var listener = Listen(out var port, "HTTP/1.1 400 Bad Request\r\n\r\n");
        var (_, said) = await RunAsync(
            $$"""{ "Msrp": { "Listen": "127.0.0.1:{{port}}" }, "Http": { "Listen": "127.0.0.1:9" } }""");

        Assert.Contains("FAIL  ports: Nobody listens on 127.0.0.1:9 (Http:Listen)", said, StringComparison.Ordinal);
        Assert.Contains($"ok    ports: Msrp:Listen 127.0.0.1:{port}", said, StringComparison.Ordinal);
        Assert.Contains(
            $"FAIL  msrp: msrp://127.0.0.1:{port} (Msrp:Listen) does not speak MSRP", said, StringComparison.Ordinal);
    }

    [Fact, UnsupportedOSPlatform("windows")]
    public async Task A_key_for_everybody_and_a_certificate_that_ends_soon_for_another_name_are_told()
    {
        PutCertificate(DateTimeOffset.UtcNow.AddDays(3.5));
        System.IO.File.SetUnixFileMode(
            File("key.pem"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        var (_, said) = await RunAsync(
            $$"""
            { "Msrp": { "TlsListen": "127.0.0.1:9", "AnnounceHost": "msrp.invalid" },
              "MsrpTls": { "CertificateFile": "{{File("cert.pem")}}", "KeyFile": "{{File("key.pem")}}" } }
            """);

        Assert.Contains(
            $"FAIL  secrets: Everybody on this machine may read {File("key.pem")}", said, StringComparison.Ordinal);
        Assert.Contains($" -> chmod o= {File("key.pem")}", said, StringComparison.Ordinal);
        Assert.Contains("cert.pem ends in 3 days", said, StringComparison.Ordinal);
        Assert.Contains("cert.pem is not for msrp.invalid", said, StringComparison.Ordinal);
        Assert.Contains("FAIL  dns: msrp.invalid (Msrp:AnnounceHost) has no address", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_has_ended_and_one_that_is_missing_fail()
    {
        PutCertificate(DateTimeOffset.UtcNow.AddDays(-1));
        var (_, said) = await RunAsync(
            $$"""
            { "MsrpTls": { "CertificateFile": "{{File("cert.pem")}}", "KeyFile": "{{File("key.pem")}}" },
              "Gateway": { "Listen": "127.0.0.1:9", "CertificateFile": "{{File("none.pem")}}" } }
            """);

        Assert.Contains($"FAIL  certificates: MsrpTls: {File("cert.pem")} ended on", said, StringComparison.Ordinal);
        Assert.Contains($"FAIL  certificates: Gateway: {File("none.pem")}", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_only_others_can_tell_is_a_warning_that_says_how()
    {
        var (_, said) = await RunAsync(
            """
            { "Msrp": { "Listen": "127.0.0.1:9", "AnnounceHost": "192.0.2.1", "AnnouncePort": 2855 },
              "Relay": { "Listen": "127.0.0.1:9", "AnnounceHost": "localhost" } }
            """);

        Assert.Contains("warn  msrp: msrp://192.0.2.1:2855 (Msrp:Listen) ", said, StringComparison.Ordinal);
        Assert.Contains("imsidecarctl doctor --from-outside 192.0.2.1:2855\n", said, StringComparison.Ordinal);
        Assert.Contains("warn  dns: localhost (Relay:AnnounceHost) is ", said, StringComparison.Ordinal);
        Assert.Contains("FAIL  msrp: msrp://localhost:9 (Relay:Listen) ", said, StringComparison.Ordinal);
    }

    [Fact, UnsupportedOSPlatform("windows")]
    public async Task Keys_of_the_collector_and_the_disk_of_what_is_deferred_are_looked_at()
    {
        await System.IO.File.WriteAllTextAsync(
            File("headers"), "key=x", TestContext.Current.CancellationToken);
        System.IO.File.SetUnixFileMode(
            File("headers"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        var (_, said) = await RunAsync(
            $$"""
            { "Store": { "Path": "{{File("store.db")}}" },
              "DeferredStore": { "Connection": "Data Source=/nowhere/deferred.db" },
              "Telemetry": { "OtlpHeadersFile": "{{File("headers")}}" } }
            """);

        Assert.Contains($"may read {File("headers")} (Telemetry:OtlpHeadersFile)", said, StringComparison.Ordinal);
        Assert.Contains("FAIL  disk: /nowhere (of DeferredStore:Connection) is not", said, StringComparison.Ordinal);
        Assert.Contains($"are free for {File("store.db")}", said, StringComparison.Ordinal);
    }

    [Fact, UnsupportedOSPlatform("windows")]
    public async Task With_PostgreSQL_the_password_is_looked_at_and_no_file_of_SQLite()
    {
        await System.IO.File.WriteAllTextAsync(File("password"), "p", TestContext.Current.CancellationToken);
        System.IO.File.SetUnixFileMode(
            File("password"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        var (_, said) = await RunAsync(
            $$"""
            { "Store": { "Path": "/nowhere/x.db", "Connection": "Host=db", "PasswordFile": "{{File("password")}}" } }
            """);

        Assert.Contains($"may read {File("password")} (Store:PasswordFile)", said, StringComparison.Ordinal);
        Assert.DoesNotContain("/nowhere", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\n\ttarget: unix:/a\n\tattached: 0\n}", false, "finds no sidecar at its target: unix:/a")]
    [InlineData("{\n\ttarget: unix:/a\n\tattached: 1\n}", false, "attached to another sidecar than this one")]
    [InlineData("{\n\ttarget: unix:/a\n\tattached: 1\n}", true, "which does not answer here")]
    public void What_the_module_says_of_its_link_is_understood(string status, bool isSilent, string text) =>
        Assert.Contains(text, SidecarCheck.OfModule(status, isSilent)!.Text, StringComparison.Ordinal);

    [Fact]
    public async Task From_elsewhere_only_MSRP_is_tried()
    {
        using var listener = Listen(out var port, "MSRP x 481 No session\r\n-------x$\r\n");

        var (code, said) = await AskAsync("doctor", "--from-outside", $"127.0.0.1:{port}");
        var (refused, closed) = await AskAsync("doctor", "--from-outside", "127.0.0.1:9");

        Assert.Equal((0, $"ok    msrp: msrp://127.0.0.1:{port} answers MSRP (481)\n"), (code, said));
        Assert.Equal(1, refused);
        Assert.StartsWith("FAIL  msrp: msrp://127.0.0.1:9 cannot be reached", closed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_running_sidecar_has_goes_before_the_file_and_scripts_read_JSON()
    {
        await using var host = await AdminHost.StartAsync();
        await host.RecoverAsync();
        Put("""{ "Admin": { "Socket": "/nowhere" } }""");

        var (code, said, _) = await host.ControlAsync("doctor", "--json", "--config", File("imsidecar.json"));

        using var json = JsonDocument.Parse(said);
        var checks = json.RootElement.GetProperty("checks").EnumerateArray()
            .ToLookup(each => each.GetProperty("check").GetString(), each => each.GetProperty("level").GetString());
        Assert.Equal(1, code);
        Assert.False(json.RootElement.GetProperty("well").GetBoolean());
        Assert.Equal("ok", Assert.Single(checks["sidecar"]));
        Assert.Equal(["ok", "ok"], checks["store"].Concat(checks["deferred store"]));
        Assert.Equal(host.Socket, await ProbedAsync(host, "Admin:Socket"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("ABCD81")]
    public void What_is_no_answer_of_a_resolver_counts_nothing(string answer) =>
        Assert.Null(DnsQuery.Read(
            Convert.FromHexString(answer), DnsQuery.Question("s.de", DnsQuery.Srv), DnsQuery.Srv));

    [Fact]
    public void Records_are_counted_by_their_type()
    {
        var question = DnsQuery.Question("im.example.com", DnsQuery.Srv)!;
        byte[] header = [question[0], question[1], 0x81, 0x80, 0, 1, 0, 2, 0, 0, 0, 0];
        byte[] srv = [0xC0, 12, 0, 33, 0, 1, 0, 0, 0, 60, 0, 2, 1, 2];
        byte[] cname = [0xC0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 2, 0xC0, 12];
        byte[] answer = [.. header, .. question[12..], .. cname, .. srv];

        Assert.Equal(1, DnsQuery.Read(answer, question, DnsQuery.Srv));
        Assert.Equal(0, DnsQuery.Read(answer, question, DnsQuery.Naptr));
        for (var length = 0; length < answer.Length; length++)
            _ = DnsQuery.Read(answer.AsSpan(0, length), question, DnsQuery.Srv);

        answer[3] = 0x83;
        Assert.Equal(0, DnsQuery.Read(answer, question, DnsQuery.Srv));
        answer[3] = 0x82;
        Assert.Null(DnsQuery.Read(answer, question, DnsQuery.Srv));
    }

    [Fact]
    public async Task What_has_no_name_is_said_to_be_missing_and_all_else_is_examined()
    {
        var (_, said) = await RunAsync("""{ "Gateway": { "Listen": "127.0.0.1:9" } }""");
        var (_, nameless) = await AskAsync("doctor", "--config", "", "--socket", File("none.sock"));

        Assert.Contains("FAIL  certificates: Gateway:CertificateFile is empty", said, StringComparison.Ordinal);
        Assert.Contains("secrets: ", said, StringComparison.Ordinal);
        Assert.StartsWith("FAIL  configuration: There is no file without a name", nameless, StringComparison.Ordinal);
        Assert.Contains("secrets: ", nameless, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_check_that_fails_itself_is_told_and_takes_no_other_with_it()
    {
        var finding = Assert.Single(await DoctorCommand.GuardAsync(
            "ports", () => throw new InvalidOperationException("odd"), TestContext.Current.CancellationToken));

        Assert.Equal(
            ("ports", Level.Warn, "This could not be examined: odd"), (finding.Check, finding.Level, finding.Text));
    }

    [Fact]
    public async Task A_check_of_the_file_that_does_not_end_is_not_called_well()
    {
        var late = await Tool.RunAsync(
            "sleep", ["60"], TestContext.Current.CancellationToken, TimeSpan.FromMilliseconds(50));

        Assert.Equal(Tool.Late, late!.Value.Code);
        Assert.Equal(Level.Warn, Assert.Single(ConfigurationCheck.Of("imsidecar.json", Tool.Late, "")).Level);
        Assert.Equal(Level.Ok, Assert.Single(ConfigurationCheck.Of("imsidecar.json", 0, "")).Level);
    }

    [Fact]
    public void Only_what_is_not_in_the_file_is_checked_beside_it()
    {
        var settings = Settings.Defaults();

        settings.Set("Store:Path", "/old.db", "file");
        settings.Set("Msrp:Listen", "127.0.0.1:1", "environment");
        settings.Set("Admin:Socket", "/a.sock", "command line");

        Assert.Equal(["--Msrp:Listen=127.0.0.1:1", "--Admin:Socket=/a.sock"], settings.Elsewhere);
        Assert.Equal("/old.db", settings["Store:Path"]);
    }

    [Fact]
    public async Task After_a_reload_the_values_in_force_are_told_and_where_they_are_said()
    {
        using var world = new ReloadWorld();
        var probe = world.Services.GetRequiredService<ProbeAdmin>();
        System.IO.File.Copy(world.PathOf("cert.pem"), world.PathOf("next-cert.pem"));

        await world.WithAsync("MsrpTls", "CertificateFile", world.PathOf("next-cert.pem"));
        await world.WithAsync("Store", "Path", world.PathOf("other.db"));
        var told = (await probe.AnswerAsync()).Settings
            .ToDictionary(each => each.Key, each => (each.Value, each.Source));

        Assert.Equal((world.PathOf("cert.pem"), "file"), told["MsrpTls:CertificateFile"]);
        Assert.Equal((world.PathOf("imsidecar.db"), "file"), told["Store:Path"]);
        await world.WithAsync("MsrpTls", "CertificateFile", world.PathOf("next-cert.pem"));
        Assert.Contains(
            (await probe.AnswerAsync()).Settings,
            each => (each.Key, each.Value) == ("MsrpTls:CertificateFile", world.PathOf("next-cert.pem")));
    }

    private static async Task<string?> ProbedAsync(AdminHost host, string key)
    {
        var probe = await host.Get<ProbeAdmin>().AnswerAsync();
        return probe.Settings.FirstOrDefault(each => each.Key == key)?.Value;
    }

    private static async Task<(int Code, string Said)> AskAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        var code = await Application.RunAsync(arguments, output, output);
        return (code, output.ToString());
    }

    private Task<(int Code, string Said)> RunAsync(string configuration)
    {
        Put(configuration);
        return AskAsync("doctor", "--config", File("imsidecar.json"), "--socket", File("none.sock"));
    }

    // Domains that no resolver is asked for.
    private void Put(string configuration) => System.IO.File.WriteAllText(
        File("imsidecar.json"),
        "{ \"Controlling\": { \"ConferenceFactory\": \"sip:f@127.0.0.1\", \"GroupDomain\": \"127.0.0.2\" }, "
            + configuration.TrimStart()[1..]);

    private string File(string name) => Path.Combine(_folder.FullName, name);

    private void PutCertificate(DateTimeOffset until)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=im.example.com", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(until.AddDays(-30), until);
        System.IO.File.WriteAllText(File("cert.pem"), certificate.ExportCertificatePem());
        System.IO.File.WriteAllText(File("key.pem"), key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>Answers everybody with that text.</summary>
    private static TcpListener Listen(out int port, string answer)
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        port = ((IPEndPoint)listener.LocalEndpoint).Port;
        _ = AnswerAsync(listener, Encoding.ASCII.GetBytes(answer));
        return listener;
    }

    private static async Task AnswerAsync(TcpListener listener, byte[] answer)
    {
        try
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync();
                var read = new byte[1024];
                _ = await client.GetStream().ReadAsync(read);
                await client.GetStream().WriteAsync(answer);
            }
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException or IOException)
        {
            // The test is over.
        }
    }
}
