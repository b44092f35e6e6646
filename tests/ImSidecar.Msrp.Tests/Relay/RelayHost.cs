using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using ImSidecar.Msrp.Relay;
using ImSidecar.Protocol.Msrp;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace ImSidecar.Msrp.Tests.Relay;

/// <summary>A relay with a clock of its own, on a port of loopback, with the users alice and bob.</summary>
internal sealed class RelayHost : IDisposable
{
    public const string Realm = "example.com";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly SocketConnectionContextFactory _contexts = new(new(), NullLogger.Instance);
    private readonly string _users = WriteUsers();
    private readonly TlsIdentity _tls;

    public RelayHost(Func<RelayOptions, RelayOptions>? change = null)
    {
        _listener.Start();
        var options = new RelayOptions
        {
            Listen = _listener.LocalEndpoint.ToString()!,
            DigestFile = _users,
            Realm = Realm,
            AllowPlainAuth = true,
            AllowLoopbackTargets = true,
        };
        Options = change is null ? options : change(options);
        _tls = new(
            Microsoft.Extensions.Options.Options.Create(new MsrpTlsOptions()), Clock, NullLogger<TlsIdentity>.Instance);
        Server = new(
            Microsoft.Extensions.Options.Options.Create(Options), _tls, Clock, NullLogger<RelayServer>.Instance);
        _ = AcceptAsync();
    }

    public ManualClock Clock { get; } = new();

    public RelayOptions Options { get; }

    public RelayServer Server { get; }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The URI that AUTH goes to.</summary>
    public MsrpUri Uri => new("127.0.0.1", Port, null);

    /// <summary>A client of it that has a session.</summary>
    public async Task<RelayEnd> JoinAsync(string user)
    {
        var end = await RelayEnd.ConnectAsync(Port, user);
        await end.JoinAsync(Uri, user);
        return end;
    }

    /// <summary>Turns the clock as if nothing had been on its way to anybody meanwhile: that would be stalled.</summary>
    public async Task PassAsync(TimeSpan time)
    {
        await SwitchWorld.UntilAsync(() => !Server.IsWriting);
        Clock.Advance(time);
    }

    /// <summary>The file with alice and bob.</summary>
    public static string WriteUsers()
    {
        var file = Path.GetTempFileName();
        File.WriteAllLines(file, [Line("alice"), Line("bob"), LineOf("bob", sha256: false)]);
        return file;
    }

    public static string Password(string user) => user + "'s secret";

    public void Dispose()
    {
        _listener.Dispose();
        Server.Dispose();
        _contexts.Dispose();
        _tls.Dispose();
        File.Delete(_users);
    }

    /// <summary>A user in a file of htdigest.</summary>
    public static string Line(string user) => LineOf(user, sha256: true);

    private static string LineOf(string user, bool sha256)
    {
        var secret = Encoding.UTF8.GetBytes($"{user}:{Realm}:{Password(user)}");
#pragma warning disable CA5351
        var hash = sha256 ? SHA256.HashData(secret) : MD5.HashData(secret);
#pragma warning restore CA5351
        return $"{user}:{Realm}:{Convert.ToHexStringLower(hash)}";
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptSocketAsync());
        }
        catch (Exception over) when (over is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        await using var context = _contexts.Create(socket);
        await Server.ServeAsync(context);
    }
}
