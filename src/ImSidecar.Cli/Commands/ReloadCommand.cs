using System.CommandLine;
using ImSidecar.Admin.V1;
using ImSidecar.Cli.Terminal;

namespace ImSidecar.Cli.Commands;

/// <summary>reload: has the sidecar read its configuration again.</summary>
internal static class ReloadCommand
{
    public static Command Create(Shell shell)
    {
        var command = new Command(
            "reload", "Reads the configuration again, as SIGHUP does; tells what is in force and what wants a restart.");
        shell.On(command, async call =>
        {
            var answer = await call.AskAsync("Reload", new ReloadRequest(), ReloadResponse.Parser);
            call.Tell(answer, screen => Tell(answer, screen));
            return answer.Errors.Count == 0 ? ExitCode.Done : ExitCode.Refused;
        });
        return command;
    }

    private static void Tell(ReloadResponse answer, Screen screen)
    {
        foreach (var error in answer.Errors)
            screen.Line("! " + error);
        if (answer.Errors.Count > 0)
        {
            screen.Line("Nothing is taken over: the configuration is wrong.");
            return;
        }

        foreach (var key in answer.Applied)
            screen.Line("in force: " + key);
        foreach (var key in answer.Refused)
            screen.Line("wants a restart: " + key);
        if (answer.Applied.Count == 0 && answer.Refused.Count == 0)
            screen.Line("Nothing has changed.");
    }
}
