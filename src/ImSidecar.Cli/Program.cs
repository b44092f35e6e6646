using ImSidecar.Cli.Terminal;

namespace ImSidecar.Cli;

internal static class Program
{
    public static Task<int> Main(string[] args) => Application.RunAsync(args, Screen.OfProcess());
}
