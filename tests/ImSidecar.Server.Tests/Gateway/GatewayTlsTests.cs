using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using ImSidecar.Msrp.Tests.Transport;
using ImSidecar.Server.Gateway;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImSidecar.Server.Tests.Gateway;

/// <summary>Who may attach over the network.</summary>
public sealed class GatewayTlsTests : IAsyncLifetime
{
    private readonly TestCertificates _files = new();
    private readonly X509Certificate2 _authority = TestCertificates.New("authority", isAuthority: true);
    private WebApplication? _app;
    private int _port;

    public async ValueTask InitializeAsync()
    {
        _files.Write(TestCertificates.New("localhost", _authority));
        var options = new GatewayOptions
        {
            Listen = "127.0.0.1:0",
            CertificateFile = _files.CertificateFile,
            KeyFile = _files.KeyFile,
            CertificateAuthorities = _files.WriteAuthority(_authority),
            Names = ["kamailio.example.com"],
        };
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(
            (_, kestrel) => new GatewayTls(options, NullLogger<GatewayTls>.Instance).Listen(kestrel));
        _app = builder.Build();
        _app.MapGet("/", () => "attached");
        await _app.StartAsync();
        var address = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        _port = new Uri(address.Single()).Port;
    }

    private static DateTimeOffset? EndOf(GatewayOptions options) =>
        new GatewayTls(options, NullLogger<GatewayTls>.Instance).CertificateEnds;

    public async ValueTask DisposeAsync()
    {
        await _app!.DisposeAsync();
        _authority.Dispose();
        _files.Dispose();
    }

    [Fact]
    public async Task Who_has_a_certificate_of_the_authority_and_the_name_may() =>
        Assert.Equal("attached", await AskAsync(TestCertificates.New("kamailio.example.com", _authority)));

    [Fact]
    public void When_its_certificate_ends_is_known()
    {
        var options = new GatewayOptions
        {
            Listen = "127.0.0.1:0",
            CertificateFile = _files.CertificateFile,
            KeyFile = _files.KeyFile,
        };
        var missing = options with { CertificateFile = _files.CertificateFile + ".none" };

        using var own = X509CertificateLoader.LoadCertificateFromFile(_files.CertificateFile);
        Assert.Equal(own.NotAfter.ToUniversalTime(), EndOf(options)!.Value.UtcDateTime);
        Assert.Null(EndOf(missing));
        Assert.Null(EndOf(options with { Listen = "" }));
    }

    [Fact]
    public async Task Who_shows_none_may_not() =>
        await Assert.ThrowsAsync<HttpRequestException>(() => AskAsync(null));

    [Fact]
    public async Task Who_has_another_name_may_not() => await Assert.ThrowsAsync<HttpRequestException>(
        () => AskAsync(TestCertificates.New("mallory.example.com", _authority)));

    [Fact]
    public async Task Who_has_a_wildcard_for_the_whole_domain_may_not() =>
        await Assert.ThrowsAsync<HttpRequestException>(
            () => AskAsync(TestCertificates.New("*.example.com", _authority)));

    [Fact]
    public async Task Who_has_signed_his_certificate_himself_may_not() =>
        await Assert.ThrowsAsync<HttpRequestException>(() => AskAsync(TestCertificates.New("kamailio.example.com")));

    [Fact]
    public async Task A_new_authority_counts_from_the_next_connection_on()
    {
        using var next = TestCertificates.New("next authority", isAuthority: true);
        var kamailio = TestCertificates.New("kamailio.example.com", next);
        await Assert.ThrowsAsync<HttpRequestException>(() => AskAsync(kamailio));

        _files.WriteAuthority(next);

        Assert.Equal("attached", await AskAsync(kamailio));
    }

    [Fact]
    public async Task Files_that_are_just_being_written_leave_the_old_ones_in_use()
    {
        var kamailio = TestCertificates.New("kamailio.example.com", _authority);
        Assert.Equal("attached", await AskAsync(kamailio));

        await File.WriteAllTextAsync(
            _files.CertificateFile, "-----BEGIN CERTIFICATE-----", TestContext.Current.CancellationToken);

        Assert.Equal("attached", await AskAsync(kamailio));
    }

    private async Task<string> AskAsync(X509Certificate2? own)
    {
        using var handler = new SocketsHttpHandler
        {
            SslOptions = new()
            {
                TargetHost = "localhost",
                RemoteCertificateValidationCallback = (_, _, _, errors) =>
                    !errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable),
            },
        };
        if (own is not null)
            handler.SslOptions.ClientCertificateContext = SslStreamCertificateContext.Create(own, null, offline: true);
        using var http = new HttpClient(handler)
        {
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Timeout = TimeSpan.FromSeconds(20),
        };
        return await http.GetStringAsync(new Uri($"https://localhost:{_port}/"), TestContext.Current.CancellationToken);
    }
}
