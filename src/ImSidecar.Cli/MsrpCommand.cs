using System.CommandLine;
using System.Globalization;
using ImSidecar.Msrp.V1;

namespace ImSidecar.Cli;

/// <summary>msrp: what the MSRP switch and the relay have; ends sessions of the relay.</summary>
internal static class MsrpCommand
{
    public static Command Create(TextWriter output, TextWriter error)
    {
        var relay = new Option<bool>("--relay") { Description = "Lists the sessions of the relay" };
        var user = new Option<string?>("--user") { Description = "Of this user only, as he authenticates himself" };
        var after = new Option<long>("--after") { Description = "Lists from the number after that" };
        var end = new Option<long>("--end") { Description = "Number of a session of the relay that is to end" };
        var socket = new Option<string>("--socket")
        {
            Description = "Admin:Socket of the sidecar, or MsrpControl:Socket if the MSRP plane is a process of its own",
            DefaultValueFactory = _ => PolicyCommand.DefaultSocket,
        };
        var command = new Command("msrp", "Shows what the MSRP switch and the relay have, or ends a relay session.")
        {
            relay, user, after, end, socket,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = new AdminClient(parsed.GetValue(socket)!);
            try
            {
                await (parsed.GetValue(end) is var number and not 0
                    ? client.EndRelaySessionAsync(new() { Number = number }, cancellation)
                    : parsed.GetValue(relay)
                        ? ListAsync(client, parsed.GetValue(user), parsed.GetValue(after), output, cancellation)
                        : TellAsync(client, output, cancellation));
                return 0;
            }
            catch (AdminException refused)
            {
                await error.WriteLineAsync("imsidecarctl: " + refused.Message);
                return refused.IsUsage ? ExitCode.Usage : ExitCode.NoAnswer;
            }
        });
        return command;
    }

    private static async Task TellAsync(AdminClient client, TextWriter output, CancellationToken cancellation)
    {
        var status = await client.MsrpStatusAsync(cancellation);
        await output.WriteLineAsync($"version: {status.Version}");
        if (status.Attached)
            await output.WriteLineAsync($"sidecar: {status.Node}");
        await output.WriteLineAsync($"legs: {status.Legs}, {status.ConnectedLegs} connected");
        await output.WriteLineAsync($"connections: {status.Connections}");
        await output.WriteLineAsync($"relay sessions: {status.RelaySessions}");
    }

    private static async Task ListAsync(
        AdminClient client, string? user, long after, TextWriter output, CancellationToken cancellation)
    {
        var request = new ListRelaySessionsRequest { User = user ?? "", After = after };
        foreach (var session in (await client.ListRelaySessionsAsync(request, cancellation)).Sessions)
        {
            var expires = DateTimeOffset.FromUnixTimeSeconds(session.ExpiresAt);
            var from = session.Address.Length > 0 ? "from " + session.Address : "not connected";
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"{session.Number}: {session.User}, {from}, until {expires:yyyy-MM-dd HH:mm:ss}Z"));
        }
    }
}
