using System.CommandLine;
using System.Globalization;
using ImSidecar.Cli.Calls;
using ImSidecar.Cli.Terminal;
using ImSidecar.Msrp.V1;

namespace ImSidecar.Cli.Commands;

/// <summary>msrp: what the MSRP switch and the relay have; ends sessions of the relay.</summary>
internal static class MsrpCommand
{
    public static Command Create(Shell shell)
    {
        var relay = new Option<bool>("--relay") { Description = "Lists the sessions of the relay" };
        var user = new Option<string?>("--user")
        {
            Description = "Of this user only, as he authenticates himself",
            HelpName = "name",
        };
        var after = new Option<long>("--after")
        {
            Description = "Lists from the number after that",
            HelpName = "number",
        };
        var end = new Option<long>("--end")
        {
            Description = "Number of a session of the relay that is to end",
            HelpName = "number",
        };
        var command = new Command(
            "msrp",
            "Shows what the MSRP switch and the relay have, or ends a relay session. If the MSRP plane is a process of "
            + "its own, --socket is its MsrpControl:Socket.")
        {
            relay, user, after, end,
        };
        shell.On(
            command,
            call => call.Get(end) is var number and not 0
                ? EndAsync(call, number)
                : call.Get(relay)
                    ? ListAsync(call, new() { User = call.Get(user) ?? "", After = call.Get(after) })
                    : TellAsync(call),
            ExitCode.OfAnswer);
        return command;
    }

    private static async Task<int> EndAsync(Call call, long number)
    {
        var answer = await call.Client.CallAsync(
            "EndRelaySession", new EndRelaySessionRequest { Number = number }, EndRelaySessionResponse.Parser,
            call.Cancellation, AdminClient.Msrp);
        return call.Tell(answer, _ => { });
    }

    private static async Task<int> TellAsync(Call call)
    {
        var status = await call.Client.CallAsync(
            "Status", new MsrpStatusRequest(), MsrpStatusResponse.Parser, call.Cancellation, AdminClient.Msrp);
        return call.Tell(status, screen =>
        {
            screen.Line($"version: {status.Version}");
            if (status.Attached)
                screen.Line($"sidecar: {status.Node}");
            screen.Line($"legs: {status.Legs}, {status.ConnectedLegs} connected");
            screen.Line($"connections: {status.Connections}");
            screen.Line($"relay sessions: {status.RelaySessions}");
        });
    }

    private static async Task<int> ListAsync(Call call, ListRelaySessionsRequest request)
    {
        var answer = await call.Client.CallAsync(
            "ListRelaySessions", request, ListRelaySessionsResponse.Parser, call.Cancellation, AdminClient.Msrp);
        return call.Tell(answer, screen =>
        {
            foreach (var session in answer.Sessions)
                screen.Line(Line(session));
        });
    }

    private static string Line(RelaySessionEntry session)
    {
        var expires = DateTimeOffset.FromUnixTimeSeconds(session.ExpiresAt);
        var from = session.Address.Length > 0 ? "from " + session.Address : "not connected";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{session.Number}: {session.User}, {from}, until {expires:yyyy-MM-dd HH:mm:ss}Z");
    }
}
