extern alias ctl;

using System.CommandLine;
using ctl::ImSidecar.Cli;
using ctl::ImSidecar.Cli.Calls;
using ctl::ImSidecar.Cli.Terminal;

namespace ImSidecar.Server.Tests.Admin;

/// <summary>The command line itself: help, completion, the manual, and what a terminal is spared.</summary>
public class CommandLineTests
{
    private static readonly RootCommand _root = Application.Root(new(new(TextWriter.Null, TextWriter.Null)));

    public static TheoryData<string> Commands => [.. All(_root, "").Select(each => each.Name)];

    private static IEnumerable<(string Name, Command Command)> All(Command command, string before) =>
        command.Subcommands.SelectMany(each => All(each, $"{before} {each.Name}".Trim())
            .Prepend(($"{before} {each.Name}".Trim(), each)));

    [Theory, MemberData(nameof(Commands))]
    public void Each_command_and_option_is_in_the_manual(string name)
    {
        var command = All(_root, "").Single(each => each.Name == name).Command;
        var page = Manual();
        var start = page.IndexOf($"\n.SS {name}", StringComparison.Ordinal);

        Assert.True(start >= 0, $".SS {name}");
        var end = page.IndexOf("\n.S", start + 1, StringComparison.Ordinal);
        Assert.All(
            command.Options.Where(option => command.Action is not null),
            option => Assert.Contains(Escaped(option), page[start..end], StringComparison.Ordinal));
    }

    [Fact]
    public void The_options_of_all_commands_and_the_exit_codes_are_in_the_manual()
    {
        var page = Manual();
        foreach (var option in _root.Options)
            Assert.Contains(Escaped(option), page, StringComparison.Ordinal);

        var codes = page[page.IndexOf("EXIT STATUS", StringComparison.Ordinal)..];
        int[] all =
        [
            ExitCode.Done, ExitCode.Refused, ExitCode.Usage, ExitCode.NoAnswer, ExitCode.NotFound, ExitCode.Interrupted,
        ];
        Assert.All(all, code => Assert.Contains($"\n.B {code}\n", codes, StringComparison.Ordinal));
    }

    [Theory, MemberData(nameof(Commands))]
    public async Task Each_command_says_what_it_is_for(string name)
    {
        var (code, output) = await RunAsync([.. name.Split(' '), "--help"]);

        Assert.Equal(0, code);
        Assert.Contains("Usage:\n  ", output, StringComparison.Ordinal);
        Assert.All(All(_root, "").Select(each => each.Command).SelectMany(each => each.Options), each =>
            Assert.False(string.IsNullOrEmpty(each.Description), each.Name));
    }

    [Theory]
    [InlineData("imsidecarctl conf", "conferences")]
    [InlineData("imsidecarctl conferences re", "release")]
    [InlineData("imsidecarctl conferences list --us", "--user")]
    [InlineData("imsidecarctl completion ", "bash", "fish", "zsh")]
    [InlineData("imsidecarctl loglevel ImSidecar De", "Debug", "Default")]
    public async Task What_a_shell_asks_to_complete_is_said(string line, params string[] wanted)
    {
        var (code, output) = await RunAsync([$"[suggest:{line.Length}]", line]);

        Assert.Equal(0, code);
        Assert.Subset(output.Split('\n').ToHashSet(), wanted.ToHashSet());
    }

    [Theory]
    [InlineData("bash", "complete -o default -F _imsidecarctl imsidecarctl")]
    [InlineData("zsh", "#compdef imsidecarctl")]
    [InlineData("fish", "complete -f -c imsidecarctl")]
    public async Task Each_shell_has_its_script(string shell, string line)
    {
        var (code, output) = await RunAsync(["completion", shell]);

        Assert.Equal(0, code);
        Assert.Contains(line, output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--timeout is a number of seconds above 0", "status", "--timeout", "0")]
    [InlineData("Unrecognized command or argument 'nonsense'.", "status", "nonsense")]
    public async Task A_wrong_line_is_usage(string sentence, params string[] arguments)
    {
        using var error = new StringWriter { NewLine = "\n" };

        Assert.Equal(ExitCode.Usage, await Application.RunAsync(arguments, TextWriter.Null, error));
        Assert.Equal($"imsidecarctl: {sentence}\n", error.ToString());
    }

    [Theory]
    [InlineData("plain Größe 雪 😀", "plain Größe 雪 😀")]
    [InlineData("a\u001b[31mb", "a\\u001B[31mb")]
    [InlineData("two\r\nlines\tin one", "two  lines in one")]
    [InlineData("c1\u009bclear", "c1\\u009Bclear")]
    [InlineData("\u202egpj.exe", "\\u202Egpj.exe")]
    [InlineData("line\u2028sep", "line\\u2028sep")]
    public void What_would_move_the_cursor_is_shown_instead(string text, string shown) =>
        Assert.Equal(shown, PlainText.Of(text));

    [Fact]
    public void Markup_and_escapes_of_peers_are_text_in_tables_too()
    {
        using var output = new StringWriter { NewLine = "\n" };

        new Screen(output, TextWriter.Null, isTerminal: true, width: 120)
            .Table(["NAME"], [["[red]Mallory[/]\u001b[2J"], ["[["]]);

        Assert.Contains("[red]Mallory[/]\\u001B[2J", output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b[2J", output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b[31m", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_terminal_there_are_no_escapes_and_no_line_is_broken()
    {
        using var output = new StringWriter { NewLine = "\n" };

        new Screen(output, TextWriter.Null).Table(["ID", "NAME"], [["1", new string('x', 500)], ["2", ""]]);

        Assert.Equal($"ID  NAME\n1   {new string('x', 500)}\n2\n", output.ToString());
    }

    [Fact]
    public void Who_may_not_is_told_which_group_may()
    {
        Assert.Equal(
            "permission denied: run it as root, or as a member of the group imsidecar",
            SocketProblem.NotAllowed("imsidecar"));
        Assert.Contains("the group of the sidecar", SocketProblem.NotAllowed(null), StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output)> RunAsync(string[] arguments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        var code = await Application.RunAsync(arguments, output, TextWriter.Null);
        return (code, output.ToString());
    }

    private static string Escaped(Option option) => option.Name.Replace("-", "\\-", StringComparison.Ordinal);

    private static string Manual()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "ImSidecar.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("ImSidecar.sln");
        return File.ReadAllText(Path.Combine(folder, "packaging", "man", "imsidecarctl.1"));
    }
}
