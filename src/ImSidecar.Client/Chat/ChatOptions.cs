using System.Net;
using System.Net.Sockets;
using ImSidecar.Client.Commands;
using ImSidecar.Client.Messages;
using ImSidecar.Client.Msrp;
using ImSidecar.Client.Sip.Transport;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Client.Chat;

/// <summary>What the command line of a chat says.</summary>
internal sealed record ChatOptions
{
    public static readonly IReadOnlyList<string> Flags = ["wait", "privacy", "verbose", "tls"];
    public static readonly IReadOnlyList<string> Lists = ["with", RelayOption.Name];

    public required HandsetOptions Handset { get; init; }

    /// <summary>The group, who is called, or with a list the factory; null: we wait to be called.</summary>
    public string? Target { get; init; }

    public IReadOnlyList<string> With { get; init; } = [];

    public string? Subject { get; init; }

    public bool HidesIdentity { get; init; }

    public bool IsVerbose { get; init; }

    /// <summary>MSRP relays; null: none.</summary>
    public RelayOptions? Relay { get; init; }

    public required BlockListSource Blocked { get; init; }

    public MsrpOptions Msrp { get; init; } = new()
    {
        AcceptTypes = ["message/cpim", "text/plain"],
        LongestMessage = 1024 * 1024,
        Reconnects = true,
    };

    /// <summary>For what the server has kept.</summary>
    public MsrpOptions Deferred { get; init; } = DeferredPush.AnyForm with { LongestMessage = 1024 * 1024 };

    /// <summary>Reads and checks them; a host name is looked up.</summary>
    public static async Task<ChatOptions> ReadAsync(CommandLine line)
    {
        var (user, domain) = UserOf(line.Require("user"), line.Find("domain"));
        var with = line.All("with").Select(uri => Address.Read(uri, domain)).ToList();
        var target = TargetOf(line, with.Count > 0, domain);
        var handset = new HandsetOptions
        {
            User = user,
            Domain = domain,
            DisplayName = line.Find("name"),
            Transport = TransportOf(line),
        };
        var server = line.Get("server", "127.0.0.1:5060");
        var options = new ChatOptions
        {
            Handset = handset,
            Target = target,
            With = with,
            Subject = line.Find("subject"),
            HidesIdentity = line.Has("privacy"),
            IsVerbose = line.Has("verbose"),
            Relay = RelayOption.Read(line),
            Blocked = BlockListSource.Read(line, handset),
        };
        options = options with { Msrp = Carried(options.Msrp, line), Deferred = Carried(options.Deferred, line) };
        var passwordFile = line.Find("password-file");
        line.RejectUnknown();

        var proxy = await ResolveAsync(server);
        var password = Password.Read(passwordFile, handset.AddressOfRecord);
        return options with
        {
            Handset = handset with { Proxy = proxy, Local = new(LocalTowards(proxy), 0), Password = password },
            Blocked = options.Blocked.With(password),
        };
    }

    private static (string User, string Domain) UserOf(string text, string? domain)
    {
        var address = text.StartsWith("sip:", StringComparison.OrdinalIgnoreCase) ? text[4..] : text;
        var at = address.IndexOf('@', StringComparison.Ordinal);
        var user = at < 0 ? address : address[..at];
        var of = at < 0 ? domain ?? "example.com" : address[(at + 1)..];
        return user.Length > 0 && SipUri.TryParse($"sip:{user}@{of}", out _) ? (user, of)
            : throw new UsageException($"--user {text} is no user");
    }

    private static MsrpOptions Carried(MsrpOptions msrp, CommandLine line)
    {
        var url = line.Find("websocket");
        if (url is null)
            return line.Has("tls") ? msrp with { Tls = MsrpTls.SelfSigned(line.Require("user")) } : msrp;

        return !line.Has("tls") && Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "ws" or "wss"
            ? msrp with { WebSocket = uri }
            : throw new UsageException("--websocket is ws://HOST/PATH or wss://HOST/PATH, without --tls");
    }

    private static string? TargetOf(CommandLine line, bool hasList, string domain)
    {
        var (group, call, wait) = (line.Find("group"), line.Find("call"), line.Has("wait"));
        var factory = line.Find("factory");
        if (new[] { group is not null, call is not null, hasList, wait }.Count(isGiven => isGiven) != 1)
            throw new UsageException("say one of --group URI, --with URI, --call URI and --wait");
        if (factory is not null && !hasList)
            throw new UsageException("--factory goes with --with");

        return hasList ? Address.Read(factory ?? $"sip:conf-factory@im.{domain}", domain)
            : group is not null ? Address.Read(group, domain)
            : call is not null ? Address.Read(call, domain)
            : null;
    }

    private static SipProtocol TransportOf(CommandLine line) => line.Get("transport", "udp") switch
    {
        "udp" => SipProtocol.Udp,
        "tcp" => SipProtocol.Tcp,
        "ws" => SipProtocol.Ws,
        var other => throw new UsageException($"--transport {other} is none of udp, tcp and ws"),
    };

    private static async Task<IPEndPoint> ResolveAsync(string server)
    {
        if (IPEndPoint.TryParse(server, out var address))
            return new(address.Address, address.Port > 0 ? address.Port : 5060);

        var parts = server.Split(':');
        ushort port = 5060;
        if (parts.Length > 2 || (parts.Length == 2 && !ushort.TryParse(parts[1], out port)))
            throw new UsageException($"--server {server} is not HOST or HOST:PORT");

        try
        {
            var found = await Dns.GetHostAddressesAsync(parts[0]);
            return new(found.OrderBy(each => each.AddressFamily != AddressFamily.InterNetwork).First(), port);
        }
        catch (Exception error) when (error is SocketException or InvalidOperationException or ArgumentException)
        {
            throw new UsageException($"--server {server}: {error.Message}");
        }
    }

    // The address that the server sees, if nothing between us translates it.
    private static IPAddress LocalTowards(IPEndPoint server)
    {
        using var probe = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            probe.Connect(server);
            return ((IPEndPoint)probe.LocalEndPoint!).Address;
        }
        catch (SocketException error)
        {
            throw new UsageException($"--server {server}: {error.Message}");
        }
    }
}
