using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ImSidecar.Msrp.Relay;
using ImSidecar.Msrp.Tests.Transport;
using ImSidecar.Protocol.Msrp;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Msrp.Tests.Relay;

/// <summary>RFC 4976 5.1, 9: AUTH over TLS, and relays that know each other by their certificates.</summary>
public sealed class RelayTlsTests : IAsyncDisposable
{
    private readonly X509Certificate2 _authority = TestCertificates.New("authority", isAuthority: true);
    private readonly List<IAsyncDisposable> _hosts = [];
    private readonly List<IDisposable> _files = [];
    private readonly string _users = RelayHost.WriteUsers();

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts)
            await host.DisposeAsync();

        _files.ForEach(each => each.Dispose());
        File.Delete(_users);
    }

    [Fact]
    public async Task A_client_gets_a_path_over_TLS_and_is_reached_by_it()
    {
        var relay = await StartAsync("one");
        using var alice = await JoinAsync(relay, "alice");
        using var bob = await JoinAsync(relay, "bob");

        Assert.True(alice.UsePath[0].IsSecure);
        await alice.SendAsync(bob, "Safe");

        Assert.Equal("Safe", Encoding.UTF8.GetString((await bob.ReadSendAsync()).Body.Span));
        Assert.Equal(200, await alice.ReadAnswerAsync());
    }

    [Theory]
    [InlineData("relay-a.example.com", 200)]
    [InlineData("fingerprint", 200)]
    [InlineData("relay-c.example.com", 403)]
    public async Task A_relay_that_lets_peers_in_only_knows_them_by_name_or_fingerprint(string listed, int status)
    {
        using var certificate = TestCertificates.New("relay-a.example.com", _authority);
        var inner = await StartAsync("relay-a.example.com", certificate: certificate);
        var outer = await StartAsync(
            "relay-b.example.com",
            "Relay:OnlyPeers=true",
            "Relay:Peers:0=" + (listed == "fingerprint" ? CertificateFingerprint.Of(certificate) : listed));
        using var alice = await JoinAsync(inner, "alice");
        using var bob = await JoinAsync(outer, "bob");

        await alice.SendAsync(bob, "Let me in");

        // The relay nearby takes it at once; what the other one says of it comes by a REPORT.
        Assert.Equal(200, await alice.ReadAnswerAsync());
        if (status == 200)
            Assert.Equal("Let me in", Encoding.UTF8.GetString((await bob.ReadSendAsync()).Body.Span));
        else
            Assert.Equal(status, (await alice.ReadReportAsync()).Head.ReportStatus);
    }

    [Fact]
    public async Task A_certificate_with_the_right_name_of_an_authority_nobody_believes_is_no_peers()
    {
        using var liar = TestCertificates.New("relay-a.example.com");
        var outer = await StartAsync(
            "relay-b.example.com", "Relay:OnlyPeers=true", "Relay:Peers:0=relay-a.example.com");
        using var bob = await JoinAsync(outer, "bob");
        using var stranger = await ConnectAsync(outer, "stranger", liar);

        await stranger.SendAsync(bob, "Let me in");

        Assert.Equal(403, await stranger.ReadAnswerAsync());
    }

    private async Task<RelayEnd> JoinAsync(MsrpUri relay, string user)
    {
        var end = await ConnectAsync(relay, user);
        await end.JoinAsync(relay, user);
        return end;
    }

    private async Task<RelayEnd> ConnectAsync(MsrpUri relay, string name, X509Certificate2? own = null)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(relay.Host, relay.EffectivePort);
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = relay.Host,
            ClientCertificateContext = own is null ? null
                : SslStreamCertificateContext.Create(own, null, offline: true),
            RemoteCertificateValidationCallback = (_, seen, _, _) => seen?.Issuer == _authority.Subject,
        });
        return new(stream, new("127.0.0.1", 9, name));
    }

    private Task<MsrpUri> StartAsync(string name, params string[] settings) => StartAsync(name, null, settings);

    private async Task<MsrpUri> StartAsync(string name, X509Certificate2? certificate, params string[] settings)
    {
        var files = new TestCertificates();
        _files.Add(files);
        files.Write(certificate ?? TestCertificates.New(name, _authority));
        var listen = new IPEndPoint(IPAddress.Loopback, FreePort.Next());
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        foreach (var setting in (string[])
            [
                $"Relay:TlsListen={listen}", $"Relay:DigestFile={_users}", "Relay:AllowLoopbackTargets=true",
                $"MsrpTls:CertificateFile={files.CertificateFile}", $"MsrpTls:KeyFile={files.KeyFile}",
                $"MsrpTls:CertificateAuthorities={files.WriteAuthority(_authority)}", .. settings,
            ])
        {
            var at = setting.IndexOf('=', StringComparison.Ordinal);
            builder.Configuration[setting[..at]] = setting[(at + 1)..];
        }

        builder.Services.AddMsrpRelay(builder.Configuration);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenRelay());
        var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        _hosts.Add(host);
        return new(listen.Address.ToString(), listen.Port, null, isSecure: true);
    }
}
