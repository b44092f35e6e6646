using ImSidecar.Client.Blocking;
using ImSidecar.Client.Msrp;
using ImSidecar.Client.Sip.Transport;

namespace ImSidecar.Client.Commands;

/// <summary>imclient handset: reads commands until "quit" or the end of the input.</summary>
internal static class HandsetCommand
{
    public static async Task<int> RunAsync(CommandLine options, TextReader input, TextWriter output)
    {
        var handsetOptions = Read(options);
        var blocked = BlockListSource.Read(options, handsetOptions).With(handsetOptions.Password);
        var relay = RelayOption.Read(options);
        options.RejectUnknown();
        await using var handset = new Handset(handsetOptions) { Blocked = blocked.Local };
        var events = new EventWriter(output);
        if (relay is not null && !await IsRelayedAsync(handset, relay, events))
            return 1;

        await FetchAsync(handset, blocked, events);
        var console = new HandsetConsole(handset, events);
        events.Write("ready", ("user", handsetOptions.AddressOfRecord), ("contact", handset.ContactUri));

        while (await input.ReadLineAsync() is { } line)
        {
            var (verb, rest) = Split(line.Trim());
            if (verb is "quit" or "exit")
                break;

            if (verb.Length > 0)
                await RunAsync(console, events, verb, rest);
        }

        await console.DisposeAsync();
        return 0;
    }

    private static async Task RunAsync(HandsetConsole console, EventWriter events, string verb, string rest)
    {
        try
        {
            await console.RunAsync(verb, rest);
        }
        catch (Exception error) when (error is UsageException or InvalidOperationException or IOException
            or System.Net.Sockets.SocketException)
        {
            events.Write("error", ("command", verb), ("text", error.Message));
        }
    }

    private static async Task<bool> IsRelayedAsync(
        Handset handset, RelayOptions options, EventWriter events)
    {
        try
        {
            var relay = await handset.UseRelayAsync(options);
            events.Write("relay", ("path", string.Join(' ', relay.UsePath)));
            return true;
        }
        catch (Exception error) when (error is IOException or System.Net.Sockets.SocketException
            or System.Security.Authentication.AuthenticationException)
        {
            events.Write("error", ("command", "relay"), ("text", error.Message));
            return false;
        }
    }

    private static async Task FetchAsync(Handset handset, BlockListSource source, EventWriter events)
    {
        if (source.Xcap is not { } access)
            return;

        using var remote = new XcapBlockList(access);
        try
        {
            handset.Blocked = source.Local.And(await remote.FetchAsync());
        }
        catch (XcapException error)
        {
            events.Write("error", ("command", "xcap"), ("text", error.Message));
        }
    }

    private static HandsetOptions Read(CommandLine options)
    {
        var defaults = new HandsetOptions { User = options.Require("user") };
        return defaults with
        {
            Password = options.Get("password", defaults.Password),
            Domain = options.Get("domain", defaults.Domain),
            DisplayName = options.Find("name"),
            Proxy = options.GetEndPoint("proxy", defaults.Proxy),
            Transport = options.Get("transport", "udp") switch
            {
                "udp" => SipProtocol.Udp,
                "tcp" => SipProtocol.Tcp,
                "ws" => SipProtocol.Ws,
                var other => throw new UsageException($"--transport {other} is none of udp, tcp and ws"),
            },
        };
    }

    private static (string Verb, string Words) Split(string line)
    {
        var blank = line.IndexOf(' ', StringComparison.Ordinal);
        return blank < 0 ? (line, "") : (line[..blank], line[(blank + 1)..].Trim());
    }
}
