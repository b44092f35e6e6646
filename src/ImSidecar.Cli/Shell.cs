using System.CommandLine;
using ImSidecar.Cli.Calls;
using ImSidecar.Cli.Terminal;

namespace ImSidecar.Cli;

/// <summary>What all commands share: where the sidecar is, how long to wait for it, how to tell what it says.</summary>
internal sealed class Shell(Screen screen)
{
    public const string DefaultSocket = "/run/imsidecar/admin.sock";

    private const double LongestTimeout = 86400;

    public Screen Screen => screen;

    public Option<string> Socket { get; } = new("--socket")
    {
        Description = "Admin:Socket of the sidecar",
        HelpName = "path",
        DefaultValueFactory = _ => DefaultSocket,
        Recursive = true,
    };

    public Option<double> Timeout { get; } = TimeoutOption();

    public Option<bool> Json { get; } = new("--json")
    {
        Description = "One JSON object, and of what goes on and on one in each line; times are UTC",
        Recursive = true,
    };

    /// <summary>What the command does once its line is right; what goes wrong is told in one sentence.</summary>
    public void On(Command command, Func<Call, Task<int>> run, Func<AdminException, int>? codes = null) =>
        On(command, run, codes ?? ExitCode.Of, ExitCode.Interrupted);

    /// <summary>The same of what goes on and on: Ctrl+C is how it ends.</summary>
    public void OnLive(Command command, Func<Call, Task<int>> run) =>
        On(command, run, ExitCode.Of, ExitCode.Done);

    private void On(Command command, Func<Call, Task<int>> run, Func<AdminException, int> codes, int interrupted) =>
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = new AdminClient(
                parsed.GetValue(Socket)!, TimeSpan.FromSeconds(parsed.GetValue(Timeout)));
            try
            {
                return await run(new(parsed, client, screen, parsed.GetValue(Json), cancellation));
            }
            catch (AdminException failure)
            {
                screen.Fail(failure.Message);
                return codes(failure);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return interrupted;
            }
        });

    private static Option<double> TimeoutOption()
    {
        var option = new Option<double>("--timeout")
        {
            Description = "Seconds to wait for an answer",
            HelpName = "seconds",
            DefaultValueFactory = _ => 10,
            Recursive = true,
        };
        option.Validators.Add(result =>
        {
            if (result.Errors.Any() || result.GetValueOrDefault<double>() is > 0 and <= LongestTimeout)
                return;

            result.AddError("--timeout is a number of seconds above 0");
        });
        return option;
    }
}
