using System.CommandLine;
using System.CommandLine.Help;
using ImSidecar.Cli.Commands;
using ImSidecar.Cli.Doctor;
using ImSidecar.Cli.Terminal;

namespace ImSidecar.Cli;

/// <summary>The command line of imsidecarctl; a mistake in it is told in a line for each.</summary>
internal static class Application
{
    private static readonly ParserConfiguration _parsing = new() { ResponseFileTokenReplacer = null };

    public static Task<int> RunAsync(string[] args, TextWriter output, TextWriter error) =>
        RunAsync(args, new Screen(output, error));

    public static async Task<int> RunAsync(string[] args, Screen screen, CancellationToken cancellation = default)
    {
        var parsed = Root(new(screen)).Parse(args, _parsing);
        if (parsed.Errors.Count > 0 && parsed.Action is not { Terminating: true, ClearsParseErrors: true })
        {
            foreach (var mistake in parsed.Errors.Select(each => each.Message).Distinct())
                screen.Fail(mistake);
            return ExitCode.Usage;
        }

        return await parsed.InvokeAsync(new() { Output = screen.Output, Error = screen.Error }, cancellation);
    }

    public static RootCommand Root(Shell shell)
    {
        var root = Commands(shell);

        // Nobody here types /h or /?, and a shell need not offer them.
        var help = root.Options.OfType<HelpOption>().Single();
        help.Aliases.Remove("/h");
        help.Aliases.Remove("/?");
        return root;
    }

    private static RootCommand Commands(Shell shell) => new("Asks a running imsidecar, and tells it what to do.")
    {
        shell.Socket,
        shell.Timeout,
        shell.Json,
        StatusCommand.Create(shell),
        NodesCommand.Create(shell),
        ConferencesCommand.Create(shell),
        SubscriptionsCommand.Create(shell),
        GroupsCommand.Create(shell),
        PolicyCommand.Create(shell),
        UserCommand.Create(shell),
        DeferredCommand.Create(shell),
        MsrpCommand.Create(shell),
        DrainCommand.Create(shell),
        ReloadCommand.Create(shell),
        LogLevelCommand.Create(shell),
        DoctorCommand.Create(shell),
        CompletionCommand.Create(shell),
    };
}
