using System.Collections.Immutable;
using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using ImSidecar.Msrp.Switch;
using ImSidecar.Msrp.Transport;
using ImSidecar.Protocol.Msrp;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Msrp.Tests.Transport;

/// <summary>The switch over TLS on loopback, RFC 4975 14.4: who is let in, whom it connects to.</summary>
public sealed class TlsConnectionTests : IAsyncDisposable
{
    private static readonly X509Certificate2 _authority = TestCertificates.New("authority", isAuthority: true);

    private readonly TestCertificates _files = new();
    private readonly X509Certificate2 _ours = TestCertificates.New("im.example.com", _authority);
    private readonly X509Certificate2 _alice = TestCertificates.New("alice");
    private readonly List<IDisposable> _open = [];
    private WebApplication? _host;

    [Fact]
    public async Task Who_shows_the_certificate_of_his_description_has_his_leg()
    {
        var theSwitch = await StartAsync();
        await theSwitch.OpenLegAsync(Secure("alice") with { Fingerprints = [CertificateFingerprint.Of(_alice)] });

        Assert.Equal(MsrpStatus.Ok, await BindAsync(await DialAsync("alice", _alice)));

        Assert.IsType<MsrpLegConnected>(await NextEventAsync(theSwitch));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_shows_another_certificate_or_none_is_refused(bool hasOne)
    {
        var theSwitch = await StartAsync();
        using var other = TestCertificates.New("alice");
        await theSwitch.OpenLegAsync(Secure("alice") with { Fingerprints = [CertificateFingerprint.Of(_alice)] });

        Assert.Equal(MsrpStatus.Forbidden, await BindAsync(await DialAsync("alice", hasOne ? other : null)));

        Assert.Equal(MsrpStatus.Ok, await BindAsync(await DialAsync("alice", _alice)));
    }

    [Fact]
    public async Task A_leg_that_was_agreed_with_TLS_is_not_for_who_comes_without()
    {
        var theSwitch = await StartAsync();
        await theSwitch.OpenLegAsync(Secure("alice"));
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, PortOf(isSecure: false), TestContext.Current.CancellationToken);

        Assert.Equal(MsrpStatus.Forbidden, await BindAsync(Over(client.GetStream(), "alice")));
    }

    [Fact]
    public async Task Who_came_before_his_answer_and_is_not_he_loses_the_leg_when_it_comes()
    {
        var theSwitch = await StartAsync();
        var leg = Secure("alice");
        await theSwitch.OpenLegAsync(leg with { RemotePath = [] });
        Assert.Equal(MsrpStatus.Ok, await BindAsync(await DialAsync("alice", null)));
        Assert.IsType<MsrpLegConnected>(await NextEventAsync(theSwitch));

        await theSwitch.OpenLegAsync(leg with { Fingerprints = [CertificateFingerprint.Of(_alice)] });

        Assert.Equal(MsrpLoss.NotProven, Assert.IsType<MsrpLegLost>(await NextEventAsync(theSwitch)).Loss);
        Assert.Equal(MsrpStatus.Ok, await BindAsync(await DialAsync("alice", _alice)));
    }

    [Fact]
    public async Task It_connects_to_the_certificate_of_the_description()
    {
        var theSwitch = await StartAsync();
        using var listener = Listen();

        await theSwitch.OpenLegAsync(Active("alice", listener, [CertificateFingerprint.Of(_alice)]));
        var (peer, certificate) = await AcceptAsync(listener, "alice");

        Assert.True((await peer.ReadAsync())!.Head.IsRequest);
        Assert.Equal(_ours.Thumbprint, certificate);
        Assert.IsType<MsrpLegConnected>(await NextEventAsync(theSwitch));
    }

    [Fact]
    public async Task It_does_not_speak_to_another_certificate_nor_to_one_of_nobody()
    {
        var theSwitch = await StartAsync(("Msrp:BindTimeout", "00:00:01"), ("Msrp:ConnectTimeout", "00:00:02"));
        using var listener = Listen();
        using var other = TestCertificates.New("other");

        await theSwitch.OpenLegAsync(Active("alice", listener, [CertificateFingerprint.Of(other)]));
        Assert.Null(await FirstFrameAsync(listener, "alice"));
        await theSwitch.OpenLegAsync(Active("bob", listener, []));
        Assert.Null(await FirstFrameAsync(listener, "bob"));

        Assert.Equal(MsrpLoss.ConnectFailed, Assert.IsType<MsrpLegLost>(await NextEventAsync(theSwitch)).Loss);
    }

    [Fact]
    public async Task Without_fingerprint_it_believes_the_authority()
    {
        using var signed = TestCertificates.New("bob", _authority);
        var theSwitch = await StartAsync(("MsrpTls:CertificateAuthorities", _files.WriteAuthority(_authority)));
        using var listener = Listen();

        await theSwitch.OpenLegAsync(Active("alice", listener, []));
        var (peer, _) = await AcceptAsync(listener, "alice", signed);

        Assert.True((await peer.ReadAsync())!.Head.IsRequest);
    }

    [Fact]
    public async Task A_new_certificate_is_for_who_connects_from_then_on()
    {
        var theSwitch = await StartAsync();
        using var next = TestCertificates.New("im.example.com");
        await theSwitch.OpenLegAsync(Secure("alice"));
        await theSwitch.OpenLegAsync(Secure("bob"));
        var alice = await DialAsync("alice", _alice);
        await BindAsync(alice);

        _files.Write(next);
        var identity = _host!.Services.GetRequiredService<TlsIdentity>();
        identity.Look();
        identity.Look();

        Assert.Equal(MsrpStatus.Ok, await BindAsync(await DialAsync("bob", null, next)));
        Assert.Equal(MsrpStatus.Ok, await BindAsync(alice));
    }

    [Fact]
    public async Task Certificates_between_ours_and_its_authority_are_sent_too()
    {
        using var between = TestCertificates.New("between", _authority, isAuthority: true);
        using var ours = TestCertificates.New("im.example.com", between);
        await StartAsync();
        _files.Write(ours);
        await File.AppendAllTextAsync(
            _files.CertificateFile, "\n" + between.ExportCertificatePem(), TestContext.Current.CancellationToken);
        var identity = _host!.Services.GetRequiredService<TlsIdentity>();
        identity.Look();
        identity.Look();

        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.Add(_authority);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, PortOf(isSecure: true), TestContext.Current.CancellationToken);
        await using var stream = new SslStream(client.GetStream());
        await stream.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = "127.0.0.1", CertificateChainPolicy = policy },
            TestContext.Current.CancellationToken);

        Assert.Equal(ours.GetCertHashString(), stream.RemoteCertificate!.GetCertHashString());
    }

    [Fact]
    public async Task Who_speaks_no_TLS_is_let_go_and_so_is_who_speaks_it_where_there_is_none()
    {
        await StartAsync(("MsrpTls:HandshakeTimeout", "00:00:01"));
        using var plain = new TcpClient();
        await plain.ConnectAsync(IPAddress.Loopback, PortOf(isSecure: true), TestContext.Current.CancellationToken);
        await plain.GetStream().WriteAsync("MSRP abcd SEND\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.Equal(0, await EndOfAsync(plain.GetStream()));

        using var silent = new TcpClient();
        await silent.ConnectAsync(IPAddress.Loopback, PortOf(isSecure: true), TestContext.Current.CancellationToken);
        Assert.Equal(0, await EndOfAsync(silent.GetStream()));

        using var secure = new TcpClient();
        await secure.ConnectAsync(IPAddress.Loopback, PortOf(isSecure: false), TestContext.Current.CancellationToken);
        await using var stream = new SslStream(secure.GetStream());
        await Assert.ThrowsAnyAsync<Exception>(() => stream.AuthenticateAsClientAsync("127.0.0.1"));
    }

    [Fact]
    public async Task The_switch_ends_with_connections_that_end()
    {
        var theSwitch = (MsrpSwitch)await StartAsync();
        for (var round = 0; round < 20; round++)
        {
            await theSwitch.OpenLegAsync(Secure("alice" + round));
            var peer = await DialAsync("alice" + round, _alice);
            await BindAsync(peer);
            var connection = theSwitch.Connections.Single();
            await peer.CloseAsync();
            await SwitchWorld.UntilAsync(() => !theSwitch.Connections.Any());

            connection.Abort(MsrpLoss.Closed);
            connection.Stop();
        }
    }

    [Fact]
    public async Task Beyond_as_many_as_there_may_be_nobody_gets_a_handshake()
    {
        await StartAsync(("Msrp:MaxConnections", "1"));
        using var silent = new TcpClient();
        await silent.ConnectAsync(IPAddress.Loopback, PortOf(isSecure: true), TestContext.Current.CancellationToken);

        using var late = new TcpClient();
        Assert.Equal(0, await EndOfAsync(late, PortOf(isSecure: true)));

        silent.Close();
        await SwitchWorld.UntilAsync(() => IsLetIn());
    }

    [Fact]
    public async Task Old_versions_of_TLS_are_not_spoken()
    {
        await StartAsync();
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, PortOf(isSecure: true), TestContext.Current.CancellationToken);
        await using var stream = new SslStream(client.GetStream(), false, (_, seen, _, _) => seen is not null);

#pragma warning disable SYSLIB0039, CA5397 // That it is not spoken is the point.
        await Assert.ThrowsAnyAsync<Exception>(() => stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "127.0.0.1",
            EnabledSslProtocols = SslProtocols.Tls11,
        }, TestContext.Current.CancellationToken));
#pragma warning restore SYSLIB0039, CA5397
    }

    [Fact]
    public async Task Who_must_have_a_certificate_and_has_none_is_not_let_in()
    {
        var theSwitch = await StartAsync(("MsrpTls:ClientCertificates", "Require"));
        await theSwitch.OpenLegAsync(Secure("alice"));

        await Assert.ThrowsAnyAsync<Exception>(async () => await BindAsync(await DialAsync("alice", null)));

        Assert.Equal(MsrpStatus.Ok, await BindAsync(await DialAsync("alice", _alice)));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var each in _open)
            each.Dispose();
        if (_host is not null)
            await _host.DisposeAsync();
        _files.Dispose();
    }

    private static MsrpLeg Secure(string name) => SwitchWorld.Leg(name) with
    {
        LocalUri = new("127.0.0.1", 2855, SwitchWorld.OurUri(name).SessionId, isSecure: true),
    };

    private static MsrpLeg Active(string name, TcpListener listener, ImmutableArray<string> fingerprints) =>
        Secure(name) with
        {
            Connects = true,
            RemotePath = [new("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port, name + "peer", isSecure: true)],
            Fingerprints = fingerprints,
        };

    private static async Task<int> BindAsync(Peer peer)
    {
        await peer.WriteAsync(output => MsrpWriter.WriteKeepAlive(output, peer.Paths));
        return (await peer.ReadAnswerAsync()).Status;
    }

    private static async Task<MsrpLegEvent> NextEventAsync(IMsrpSwitch theSwitch) =>
        await theSwitch.Events.ReadAsync().AsTask().WaitAsync(Peer.Patience);

    private static async Task<int> EndOfAsync(NetworkStream stream)
    {
        try
        {
            return await stream.ReadAsync(new byte[16]).AsTask().WaitAsync(Peer.Patience);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    // Who may not come can be sent away before connecting has returned.
    private static async Task<int> EndOfAsync(TcpClient client, int port)
    {
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port);
            return await EndOfAsync(client.GetStream());
        }
        catch (SocketException away) when (away.SocketErrorCode == SocketError.ConnectionReset)
        {
            return 0;
        }
    }

    private bool IsLetIn()
    {
        try
        {
            using var client = new TcpClient("127.0.0.1", PortOf(isSecure: true));
            using var stream = new SslStream(client.GetStream(), false, (_, seen, _, _) => seen is not null);
            stream.AuthenticateAsClient("127.0.0.1");
            return true;
        }
        catch (Exception failure) when (failure is IOException or AuthenticationException or SocketException)
        {
            return false;
        }
    }

    private static TcpListener Listen()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return listener;
    }

    private int PortOf(bool isSecure) => new Uri(_host!.Services.GetRequiredService<IServer>()
        .Features.Get<IServerAddressesFeature>()!.Addresses.ElementAt(isSecure ? 1 : 0)).Port;

    private async Task<IMsrpSwitch> StartAsync(params (string Key, string Value)[] settings)
    {
        _files.Write(_ours);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration["Msrp:Listen"] = "127.0.0.1:0";
        builder.Configuration["Msrp:TlsListen"] = "127.0.0.1:0";
        builder.Configuration["MsrpTls:CertificateFile"] = _files.CertificateFile;
        builder.Configuration["MsrpTls:KeyFile"] = _files.KeyFile;
        foreach (var (key, value) in settings)
            builder.Configuration[key] = value;

        builder.Services.AddMsrpSwitch(builder.Configuration);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenMsrp());
        _host = builder.Build();
        await _host.StartAsync(TestContext.Current.CancellationToken);
        return _host.Services.GetRequiredService<IMsrpSwitch>();
    }

    private async Task<Peer> DialAsync(string name, X509Certificate2? own, X509Certificate2? expected = null)
    {
        var client = new TcpClient { NoDelay = true };
        _open.Add(client);
        await client.ConnectAsync(IPAddress.Loopback, PortOf(isSecure: true), TestContext.Current.CancellationToken);
        var stream = new SslStream(client.GetStream());
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "127.0.0.1",
            ClientCertificateContext = own is null ? null : SslStreamCertificateContext.Create(own, null, true),
            RemoteCertificateValidationCallback =
                (_, seen, _, _) => seen!.GetCertHashString() == (expected ?? _ours).GetCertHashString(),
        }).WaitAsync(Peer.Patience);
        return Over(stream, name);
    }

    private async Task<(Peer Peer, string? Certificate)> AcceptAsync(
        TcpListener listener, string name, X509Certificate2? own = null)
    {
        var client = await listener.AcceptTcpClientAsync().WaitAsync(Peer.Patience);
        _open.Add(client);
        var stream = new SslStream(client.GetStream());
        await stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
        {
            ServerCertificate = own ?? _alice,
            ClientCertificateRequired = true,
            RemoteCertificateValidationCallback = (_, seen, _, _) => seen is not null,
        }).WaitAsync(Peer.Patience);
        return (Over(stream, name), (stream.RemoteCertificate as X509Certificate2)?.Thumbprint);
    }

    private async Task<MsrpFrame?> FirstFrameAsync(TcpListener listener, string name)
    {
        try
        {
            return await (await AcceptAsync(listener, name)).Peer.ReadAsync();
        }
        catch (Exception failure) when (failure is AuthenticationException or IOException)
        {
            return null;
        }
    }

    private Peer Over(Stream stream, string name)
    {
        _open.Add(stream);
        return new(
            PipeReader.Create(stream), PipeWriter.Create(stream), SwitchWorld.PeerUri(name), Secure(name).LocalUri);
    }
}
