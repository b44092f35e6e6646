using System.CommandLine;

namespace ImSidecar.Cli;

/// <summary>The command line of imsidecarctl; a mistake in it is told in a line for each.</summary>
internal static class Application
{
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error)
    {
        var root = new RootCommand("Asks a running imsidecar.")
        {
            PolicyCommand.Create(output, error),
            UserCommand.Create(output, error),
            DeferredCommand.Create(output, error),
            MsrpCommand.Create(output, error),
        };
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var mistake in parsed.Errors.Select(each => each.Message).Distinct())
                await error.WriteLineAsync("imsidecarctl: " + mistake);
            return ExitCode.Usage;
        }

        return await parsed.InvokeAsync(new() { Output = output, Error = error });
    }
}
