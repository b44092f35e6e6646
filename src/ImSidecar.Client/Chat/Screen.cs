namespace ImSidecar.Client.Chat;

/// <summary>What a person sees, line by line; texts of others are to be cleaned before they come here.</summary>
internal sealed class Screen(TextWriter output, bool hasColour)
{
    private const string Reset = "\e[0m";
    private const string Bold = "\e[1m";
    private const string Dim = "\e[2m";
    private const string Red = "\e[31m";
    private const string Erase = "\r\e[K";

    private readonly Lock _gate = new();
    private string? _typed;

    /// <summary>A terminal that a line can be erased on.</summary>
    public static bool IsTerminal => !Console.IsInputRedirected && !Console.IsOutputRedirected
        && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");

    /// <summary>Colours only for a terminal that has them, and not where NO_COLOR is set.</summary>
    public static Screen OfConsole() => new(Console.Out, !Console.IsOutputRedirected
        && Environment.GetEnvironmentVariable("NO_COLOR") is null or ""
        && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb"));

    /// <summary>What happens in the room.</summary>
    public void Tell(string text) => Write([Coloured(Dim, $"* {text}")]);

    public void Warn(string text) => Write([Coloured(Red, $"! {text}")]);

    /// <summary>What somebody wrote; further lines are set off, for he might forge one of ours.</summary>
    public void Say(string who, string text)
    {
        var lines = PlainText.Lines(text).ToList();
        Write([$"{Coloured(Bold, $"<{who}>")} {lines[0]}", .. lines.Skip(1).Select(line => $"    | {line}")]);
    }

    /// <summary>What is being typed stays below what is told; null: nothing is.</summary>
    public void ShowTyped(string? typed)
    {
        lock (_gate)
        {
            if (typed is null && _typed is not null)
                output.Write(Erase);
            _typed = typed;
            Draw();
        }
    }

    /// <summary>What was typed is done with and stays in sight.</summary>
    public void ShowSent(string line)
    {
        ShowTyped("");
        Write([$"> {PlainText.Line(line)}"]);
    }

    private string Coloured(string colour, string text) => hasColour ? $"{colour}{text}{Reset}" : text;

    private void Write(IReadOnlyList<string> lines)
    {
        lock (_gate)
        {
            if (_typed is not null)
                output.Write(Erase);
            foreach (var line in lines)
                output.WriteLine(line);
            Draw();
        }
    }

    // The end of a line that is longer than the terminal is wide.
    private void Draw()
    {
        if (_typed is not null)
        {
            var width = Math.Max(10, Console.WindowWidth - 4);
            var end = _typed.Length > width ? _typed[^width..] : _typed;
            output.Write($"{Erase}> {PlainText.Line(end)}");
        }

        output.Flush();
    }
}
