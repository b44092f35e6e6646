using System.CommandLine;
using System.Globalization;
using ImSidecar.Admin.V1;
using ImSidecar.Cli.Terminal;

namespace ImSidecar.Cli.Commands;

/// <summary>nodes: which sidecars share the database, who owns how much, and whether they agree.</summary>
internal static class NodesCommand
{
    private static readonly string[] _headings =
        ["NODE", "STATE", "EPOCH", "RELEASE", "SLOTS", "CONF", "KAMAILIO", "BEAT", "IN WORK", "SAVES", "COMMIT"];

    public static Command Create(Shell shell)
    {
        var command = new Command(
            "nodes", "Lists the nodes that share the database, with what each owns: exit code 1 if something is wrong.");
        shell.On(command, async call =>
        {
            var nodes = await call.AskAsync("Nodes", new NodesRequest(), NodesResponse.Parser);
            call.Tell(nodes, screen => Tell(nodes, screen));
            return nodes.Problems.Count == 0 ? ExitCode.Done : ExitCode.Refused;
        });
        return command;
    }

    private static void Tell(NodesResponse answer, Screen screen)
    {
        screen.Table(_headings, answer.Nodes.Select(node => Row(node, answer)));
        screen.Line();
        screen.Line(answer.Clustered
            ? $"As {answer.Asked} sees it, version {answer.Version}; slots are owned/falling to the node, of 1024."
            : $"{answer.Asked} is alone: its store is its own.");
        foreach (var problem in answer.Problems)
            screen.Line("! " + problem);
    }

    private static string[] Row(NodeEntry node, NodesResponse answer) =>
    [
        node.Name + (node.Name == answer.Asked ? " *" : ""),
        node.State,
        Number(node.Epoch),
        node.Release,
        $"{node.SlotsOwned}/{node.SlotsDesired}",
        Number(node.Conferences),
        node.Kamailios.Count == 0 ? "none" : string.Join(" ", node.Kamailios),
        string.Create(CultureInfo.InvariantCulture, $"{node.BeatAgeMs / 1000.0:0.0} s"),
        Number(node.InWork),
        Number(node.SavesWaiting),
        $"{Number(node.CommitMs)} ms",
    ];

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
