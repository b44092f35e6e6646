using System.Net;
using ImSidecar.Client.Commands;

namespace ImSidecar.Client.Demo;

/// <summary>Where Kamailio and the sidecar of the demo are, and who plays.</summary>
internal sealed record DemoProfile
{
    public required IPEndPoint Proxy { get; init; }

    /// <summary>Kamailio's port towards the trusted core: what the sidecar sends goes through it.</summary>
    public required int CorePort { get; init; }

    public required int MsrpPort { get; init; }

    public required string Domain { get; init; }

    public required string ImDomain { get; init; }

    public required string GroupDomain { get; init; }

    /// <summary>Where the embedded XDMS is.</summary>
    public required Uri Http { get; init; }

    public required string Password { get; init; }

    /// <summary>Where the capture stays; null throws it away.</summary>
    public required string? CaptureFile { get; init; }

    /// <summary>Null: nobody is there who could restart the sidecar.</summary>
    public required SidecarOperator? Operator { get; init; }

    public string Factory => $"sip:conf-factory@{ImDomain}";

    /// <summary>Longest wait for anything that is not held back on purpose.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A NOTIFY may be held back 5 s by the rate limit, RFC 4575 3.3.</summary>
    public TimeSpan NotifyPatience { get; init; } = TimeSpan.FromSeconds(15);

    public static DemoProfile Read(CommandLine options)
    {
        var profile = new DemoProfile
        {
            Proxy = options.GetEndPoint("proxy", new(IPAddress.Loopback, 5060)),
            CorePort = options.GetPort("core", 5070),
            MsrpPort = options.GetPort("msrp", 2855),
            Domain = options.Get("domain", "example.com"),
            ImDomain = options.Get("im-domain", "im.example.com"),
            GroupDomain = options.Get("group-domain", "groups.example.com"),
            Http = new($"http://{options.GetEndPoint("http", new(IPAddress.Loopback, 8080))}/"),
            Password = options.Get("password", "demo"),
            CaptureFile = options.Find("capture"),
            Operator = options.Find("operator") is { } script
                ? new(script, options.Get("folder", ".build/up"))
                : null,
        };
        options.RejectUnknown();
        return profile;
    }

    public string UriOf(string user) => $"sip:{user}@{Domain}";
}
