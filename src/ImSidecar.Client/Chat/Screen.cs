namespace ImSidecar.Client.Chat;

/// <summary>What a person sees, line by line; texts of others are to be cleaned before they come here.</summary>
internal sealed class Screen(TextWriter output, bool hasColour)
{
    private const string Reset = "\e[0m";
    private const string Bold = "\e[1m";
    private const string Dim = "\e[2m";
    private const string Red = "\e[31m";

    private readonly Lock _gate = new();

    /// <summary>Colours only for a terminal that has them, and not where NO_COLOR is set.</summary>
    public static Screen OfConsole() => new(Console.Out, !Console.IsOutputRedirected
        && Environment.GetEnvironmentVariable("NO_COLOR") is null or ""
        && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb"));

    /// <summary>What happens in the room.</summary>
    public void Tell(string text) => Write(Dim, $"* {text}");

    public void Warn(string text) => Write(Red, $"! {text}");

    /// <summary>What somebody wrote; further lines are set off, for he might forge one of ours.</summary>
    public void Say(string who, string text)
    {
        var lines = PlainText.Lines(text).ToList();
        lock (_gate)
        {
            output.WriteLine(hasColour ? $"{Bold}<{who}>{Reset} {lines[0]}" : $"<{who}> {lines[0]}");
            foreach (var line in lines.Skip(1))
                output.WriteLine($"    | {line}");
            output.Flush();
        }
    }

    private void Write(string colour, string line)
    {
        lock (_gate)
        {
            output.WriteLine(hasColour ? $"{colour}{line}{Reset}" : line);
            output.Flush();
        }
    }
}
