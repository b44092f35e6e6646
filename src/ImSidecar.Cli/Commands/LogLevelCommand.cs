using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using ImSidecar.Admin.V1;
using ImSidecar.Cli.Terminal;

namespace ImSidecar.Cli.Commands;

/// <summary>loglevel: how much the sidecar logs, for a while or until it ends.</summary>
internal static class LogLevelCommand
{
    private static readonly string[] _levels =
        ["Trace", "Debug", "Information", "Warning", "Error", "Critical", "None", "Default"];

    public static Command Create(Shell shell)
    {
        var category = new Argument<string?>("category")
        {
            Description = "Default, or how the names of what logs begin, such as ImSidecar.Server.Gateway",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var level = new Argument<string?>("level")
        {
            Description = string.Join(", ", _levels[..^1]) + "; Default takes back what was set",
            Arity = ArgumentArity.ZeroOrOne,
        };
        level.CompletionSources.Add(_levels);
        var time = new Option<long>("--for")
        {
            Description = "Only so long, such as 90s, 10m or 2h; else until the sidecar ends",
            HelpName = "time",
            CustomParser = Seconds,
        };
        var command = new Command("loglevel", "The log levels in force; first sets one.") { category, level, time };
        command.Validators.Add(parsed =>
        {
            if (parsed.GetValue(category) is null != parsed.GetValue(level) is null)
                parsed.AddError("A category needs a level");
        });
        shell.On(command, async call =>
        {
            var request = new LogLevelsRequest
            {
                Category = call.Get(category) ?? "",
                Level = call.Get(level) ?? "",
                ForSeconds = call.Get(time),
            };
            var answer = await call.AskAsync("LogLevels", request, LogLevelsResponse.Parser);
            return call.Tell(answer, screen => Tell(answer, screen));
        });
        return command;
    }

    private static void Tell(LogLevelsResponse answer, Screen screen) => screen.Table(
        ["CATEGORY", "LEVEL", "SAID BY"],
        answer.Levels.Select(each => new[]
        {
            each.Category, each.Level,
            !each.Set ? "configuration" : each.HasUntil ? "operator, until " + Times.Iso(each.Until) : "operator",
        }));

    private static long Seconds(ArgumentResult result)
    {
        var text = result.Tokens is [var only] ? only.Value : "";
        var unit = text.Length > 1 ? text[^1] : ' ';
        var factor = unit switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86400, _ => 0 };
        if (factor > 0
            && int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number > 0)
            return (long)number * factor;

        result.AddError("--for is a time such as 90s, 10m or 2h");
        return 0;
    }
}
