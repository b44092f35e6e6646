using ImSidecar.Msrp.Tests.Transport;
using ImSidecar.Server.Lifecycle;

namespace ImSidecar.Server.Tests.Lifecycle;

/// <summary>The program says all that is wrong with its configuration at once, and where that is said.</summary>
public sealed class ConfigurationCheckTests : IDisposable
{
    private readonly RunOfSidecar _sidecar = new();

    public void Dispose() => _sidecar.Dispose();

    [Fact]
    public async Task A_good_file_is_well()
    {
        var (code, output, _) = await _sidecar.ToEndAsync("--check-config");

        Assert.Equal((0, _sidecar.File + ": well\n"), (code, output));
    }

    [Fact]
    public async Task All_errors_of_all_sections_are_told_each_with_its_key_and_its_place()
    {
        await File.WriteAllTextAsync(_sidecar.File, """
            {
              "Gateway": { "Socket": "gateway.sock", "RetryAfter": "5" },
              "Msrp": { "MaxChunkBytes": "much", "Lisen": "127.0.0.1:2855" },
              "MsrpTls": { "CertificateFile": "/nowhere.pem" },
              "Http": { "TlsListen": "x" },
              "Relay": { "Listen": "127.0.0.1:2855" },
              "Controlling": { "MaxAdHocParticipants": 1 },
              "Logging": { "LogLevel": { "Default": "Verbose" } },
              "Store": { "Path": "/nowhere/imsidecar.db" }
            }
            """, TestContext.Current.CancellationToken);

        string[] expected =
        [
            $"Controlling:MaxAdHocParticipants must be 2 to 1000 ({_sidecar.File})",
            "Deferred:Window must be a whole number, not \"x\" (the command line)",
            $"Gateway:RetryAfter must be a duration (hh:mm:ss or d.hh:mm:ss), not \"5\" ({_sidecar.File})",
            $"Gateway:Socket must be an absolute path of at most 107 characters ({_sidecar.File})",
            $"Http:TlsListen must be ADDRESS:PORT ({_sidecar.File})",
            "Logging:LogLevel:Default must be Trace, Debug, Information, Warning, Error, Critical or None, not \"Verbose\""
                + $" ({_sidecar.File})",
            $"Msrp:Lisen is no key ({_sidecar.File})",
            $"Msrp:MaxChunkBytes must be a whole number, not \"much\" ({_sidecar.File})",
            $"MsrpTls:CertificateFile: /nowhere.pem does not exist ({_sidecar.File})",
            "Overload:MaxEvents must be more than MaxRequests and at most 1000000 "
                + "(the environment, IMSIDECAR_Overload__MaxEvents)",
            $"Relay:DigestFile is not set; it names the file of those who may use the relay ({_sidecar.File})",
            $"Relay:Listen 127.0.0.1:2855 is where Msrp:Listen listens already ({_sidecar.File})",
            $"Store:Path is /nowhere/imsidecar.db, and its folder does not exist ({_sidecar.File})",
        ];
        foreach (var arguments in (string[][])[["--check-config"], []])
        {
            using var process = _sidecar.Start(
                new Dictionary<string, string> { ["IMSIDECAR_Overload__MaxEvents"] = "1" },
                [.. arguments, "--Deferred:Window=x"]);
            var errors = (await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken))
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Where(line => !line.StartsWith("imsidecar: warning: ", StringComparison.Ordinal));
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);

            Assert.Equal(expected.Select(each => "imsidecar: " + each), errors.Order(StringComparer.Ordinal));
            Assert.Equal(ExitCode.Configuration, process.ExitCode);
        }
    }

    [Theory]
    [InlineData("{ \"Msrp\": {", "is no valid JSON: ")]
    [InlineData("{ \"Msrp\": { \"Listen\": \"a\", \"Listen\": \"b\" } }", "is no valid JSON: ")]
    public async Task A_file_that_is_no_JSON_is_named(string text, string reason)
    {
        await File.WriteAllTextAsync(_sidecar.File, text, TestContext.Current.CancellationToken);

        var (code, _, errors) = await _sidecar.ToEndAsync("--check-config");

        Assert.Equal(ExitCode.Configuration, code);
        Assert.StartsWith($"imsidecar: the configuration {_sidecar.File} {reason}", Assert.Single(errors));
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_named()
    {
        var (code, _, errors) = await _sidecar.ToEndAsync("--config", "/nowhere.json");

        Assert.Equal(ExitCode.Configuration, code);
        Assert.Equal("imsidecar: the configuration /nowhere.json does not exist", Assert.Single(errors));
    }

    [Fact]
    public async Task A_file_that_is_not_seen_is_told_why()
    {
        var circle = _sidecar.PathOf("circle.json");
        File.CreateSymbolicLink(circle, circle);
        File.Copy(_sidecar.File, _sidecar.PathOf(".hidden.json"));

        var (code, _, errors) = await _sidecar.ToEndAsync("--check-config", "--config", circle);
        Assert.Equal(ExitCode.Configuration, code);
        Assert.StartsWith($"imsidecar: the configuration {circle} cannot be read: ", Assert.Single(errors));

        (_, _, errors) = await _sidecar.ToEndAsync("--check-config", "--config", _sidecar.PathOf(".hidden.json"));
        Assert.Equal(
            $"imsidecar: the configuration {_sidecar.PathOf(".hidden.json")} is not read: its name begins with a dot",
            Assert.Single(errors));
    }

    [Fact]
    public async Task The_place_of_a_key_with_dots_is_found_and_a_category_has_one_wildcard()
    {
        var (code, _, errors) = await _sidecar.ToEndAsync(
            "--check-config", "--Logging:LogLevel:Microsoft.AspNetCore=Loud", "--Logging:LogLevel:*.A*=Debug");

        Assert.Equal(ExitCode.Configuration, code);
        Assert.Equal(
            [
                "imsidecar: Logging:LogLevel:*.A* is no category: it may have one * only (the command line)",
                "imsidecar: Logging:LogLevel:Microsoft.AspNetCore must be Trace, Debug, Information, Warning, Error, "
                    + "Critical or None, not \"Loud\" (the command line)",
            ],
            errors.Where(line => !line.Contains("warning", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Wrong_arguments_and_questions_have_codes_of_their_own()
    {
        var (code, _, errors) = await _sidecar.ToEndAsync("--cofnig=x");
        Assert.Equal(ExitCode.Usage, code);
        Assert.Equal("imsidecar: --cofnig is no option; imsidecar --help tells what there is", Assert.Single(errors));

        (code, var output, _) = await _sidecar.ToEndAsync("--help");
        Assert.Equal((0, CommandLine.Help + "\n"), (code, output));
    }

    [Fact]
    public async Task The_plane_asks_for_its_socket()
    {
        var (code, _, errors) = await _sidecar.ToEndAsync("msrp", "--check-config");

        Assert.Equal(ExitCode.Configuration, code);
        Assert.Contains(
            $"imsidecar: MsrpControl:Socket is needed: it is where the sidecar finds this process ({_sidecar.File})",
            errors);
    }

    [Fact]
    public async Task A_sidecar_whose_plane_has_the_key_needs_the_certificate_only()
    {
        using var files = new TestCertificates();
        using var certificate = TestCertificates.New("im.example.com");
        files.Write(certificate);
        string[] shared =
        [
            "--check-config", $"--MsrpControl:Socket={_sidecar.PathOf("msrp.sock")}",
            $"--MsrpTls:CertificateFile={files.CertificateFile}", "--MsrpTls:KeyFile=/run/credentials/other/tls-key",
            "--Msrp:TlsListen=127.0.0.1:2856",
        ];

        Assert.Equal(0, (await _sidecar.ToEndAsync(shared)).Code);
        foreach (var arguments in (string[][])[["msrp", .. shared], [.. shared, "--Http:TlsListen=127.0.0.1:8443"]])
        {
            var (code, _, errors) = await _sidecar.ToEndAsync(arguments);
            Assert.Equal(ExitCode.Configuration, code);
            Assert.Contains(errors, line => line.StartsWith(
                "imsidecar: MsrpTls:KeyFile: /run/credentials/other/tls-key does not exist", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task What_is_surely_not_meant_is_warned_of()
    {
        var (code, _, errors) = await _sidecar.ToEndAsync(
            "--check-config", "--XcapServer:TrustedProxies:0=0.0.0.0/0", "--Relay:DigestFile=/etc/hostname",
            "--Deferred:GroupSessions=true", "--XcapClient:Root=http://xdms.example.net/");

        Assert.Equal(0, code);
        foreach (var key in (string[])["XcapServer:TrustedProxies:0", "Relay:DigestFile", "Msrp:Listen",
            "Controlling:ConferenceFactory", "Participating:Domains", "XcapClient:Root"])
            Assert.Contains(errors, line => line.StartsWith($"imsidecar: warning: {key} ", StringComparison.Ordinal));
    }
}
