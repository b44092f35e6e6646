using System.CommandLine;
using System.Diagnostics;
using ImSidecar.Admin.V1;
using ImSidecar.Cli.Terminal;

namespace ImSidecar.Cli.Commands;

/// <summary>drain: takes the node out of service, and waits until nobody is left.</summary>
internal static class DrainCommand
{
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(1);

    public static Command Create(Shell shell)
    {
        var off = new Option<bool>("--off") { Description = "Takes it into service again" };
        var status = new Option<bool>("--status") { Description = "Only tells how far it is" };
        var wait = new Option<bool>("--wait")
        {
            Description = "Waits until no session goes on any more; if --timeout is given so long, then exit code 1",
        };
        var command = new Command(
            "drain", "Takes the node out of service: new sessions are refused with 503, those that are there go on.")
        {
            off, status, wait,
        };
        command.Validators.Add(parsed =>
        {
            if (parsed.GetValue(off) && (parsed.GetValue(status) || parsed.GetValue(wait)))
                parsed.AddError("--off goes with neither --status nor --wait");
        });
        shell.On(command, async call =>
        {
            var request = new DrainRequest();
            if (!call.Get(status))
                request.On = !call.Get(off);

            var answer = await AskAsync(call, request);
            if (!call.Get(wait))
                return call.Tell(answer, screen => Tell(answer, screen));

            var limit = call.Parsed.GetResult(shell.Timeout) is { Implicit: false }
                ? TimeSpan.FromSeconds(call.Get(shell.Timeout))
                : TimeSpan.MaxValue;
            return await WaitAsync(call, answer, limit);
        });
        return command;
    }

    private static async Task<int> WaitAsync(Call call, DrainResponse answer, TimeSpan limit)
    {
        var began = Stopwatch.GetTimestamp();
        while (answer is { Draining: true, Conferences: > 0 } && Stopwatch.GetElapsedTime(began) < limit)
        {
            await Task.Delay(_pause, call.Cancellation);
            answer = await AskAsync(call, new());
        }

        call.Tell(answer, screen => Tell(answer, screen));
        return answer.Draining && answer.Conferences == 0 ? ExitCode.Done : ExitCode.Refused;
    }

    private static Task<DrainResponse> AskAsync(Call call, DrainRequest request) =>
        call.AskAsync("Drain", request, DrainResponse.Parser);

    private static void Tell(DrainResponse answer, Screen screen) => screen.Line(!answer.Draining
        ? "In service."
        : answer.Conferences == 0
            ? $"Draining since {Times.Iso(answer.Since)}: no session goes on."
            : $"Draining since {Times.Iso(answer.Since)}: {Times.Count(answer.Conferences, "session")} with "
                + $"{Times.Count(answer.Participants, "participant")} {(answer.Conferences == 1 ? "goes" : "go")} on.");
}
