using System.Globalization;
using Google.Protobuf;
using Spectre.Console;

namespace ImSidecar.Cli.Terminal;

/// <summary>
/// Where answers go: lines and tables for people, JSON for scripts. Colours and the width of the screen only where
/// there is one; nothing that a peer has written is taken for more than text.
/// </summary>
internal sealed class Screen(
    TextWriter output, TextWriter error, bool isTerminal = false, int width = 0, Func<bool>? isRead = null)
{
    // Without a screen nothing is wrapped.
    private const int Boundless = 10_000;
    private const int Narrowest = 40;

    public TextWriter Output => output;

    public TextWriter Error => error;

    /// <summary>False: what is written is lost, for nobody is at the other end of the pipe.</summary>
    public bool IsRead => isRead?.Invoke() ?? true;

    /// <summary>The process's own: no colours when it is no terminal, or when NO_COLOR is set to anything.</summary>
    public static Screen OfProcess()
    {
        var isTerminal = !Console.IsOutputRedirected
            && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");
        return new(
            Console.Out, Console.Error, isTerminal, isTerminal ? Console.WindowWidth : 0, OutputPipe.IsRead);
    }

    public void Line(string text = "") => output.WriteLine(PlainText.Of(text));

    /// <summary>Fixed names and what they are, one for each line.</summary>
    public void Pairs(params IEnumerable<(string Name, string Value)> pairs)
    {
        var all = pairs.ToList();
        var widest = all.Max(each => each.Name.Length);
        foreach (var (name, value) in all)
            Line(name.PadRight(widest + 2) + value);
    }

    public void Table(string[] headings, IEnumerable<string[]> rows)
    {
        var table = new Table { Border = TableBorder.None, ShowRowSeparators = false };
        foreach (var heading in headings)
        {
            // What is copied to the next command stays in one piece.
            var column = new TableColumn(new Text(heading, new Style(decoration: Decoration.Bold)))
            {
                Padding = new(0, 0, 2, 0),
                NoWrap = heading is "ID" or "#",
            };
            table.AddColumn(column);
        }

        foreach (var row in rows)
            table.AddRow(row.Select(cell => new Text(PlainText.Of(cell))));
        Render(table);
    }

    public void Json(IMessage message) => output.WriteLine(JsonText.Of(message));

    /// <summary>A document as it is; on a terminal what would move its cursor is shown.</summary>
    public void Document(string text)
    {
        if (!isTerminal)
        {
            output.Write(text);
            return;
        }

        foreach (var line in text.TrimEnd('\n').Split('\n'))
            Line(line.TrimEnd('\r').Replace("\t", "    ", StringComparison.Ordinal));
    }

    public void Fail(string sentence) => error.WriteLine("imsidecarctl: " + PlainText.Of(sentence));

    private void Render(Table table)
    {
        using var lines = new StringWriter(CultureInfo.InvariantCulture);
        var hasColours = isTerminal && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = hasColours ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = hasColours ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(lines),
        });
        console.Profile.Width = isTerminal ? Math.Max(width, Narrowest) : Boundless;
        console.Write(table);
        foreach (var line in lines.ToString().Split('\n').SkipLast(1))
            output.WriteLine(line.TrimEnd());
    }
}
