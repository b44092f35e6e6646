using System.Globalization;
using System.Text;

namespace ImSidecar.Client.Demo;

/// <summary>Draws messages as arrows between life lines.</summary>
internal sealed class Ladder(string[] players)
{
    private const int Margin = 14;
    private const int Gap = 18;

    private int Width => Margin + Gap * (players.Length - 1) + 3;

    public string Head()
    {
        var line = Blank();
        for (var i = 0; i < players.Length; i++)
            Put(line, Column(i) - players[i].Length / 2, players[i]);

        return line.ToString().TrimEnd();
    }

    /// <summary>An arrow with its label, the time on the left and a note on the right.</summary>
    public string Arrow(TimeSpan at, string from, string to, string label, string note)
    {
        var line = LifeLines();
        Put(line, 0, at.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture).PadLeft(8));
        var (source, target) = (Column(Array.IndexOf(players, from)), Column(Array.IndexOf(players, to)));
        var (left, right) = source < target ? (source, target) : (target, source);
        for (var x = left + 1; x < right; x++)
            line[x] = line[x] == '│' ? '┼' : '─';

        line[target < source ? left + 1 : right - 1] = target < source ? '◀' : '▶';
        var text = $" {label} ";
        Put(line, left + 1 + Math.Max(1, (right - left - 1 - text.Length) / 2), text);
        return $"{line}  {note}".TrimEnd();
    }

    public bool Has(string player) => players.Contains(player);

    private static void Put(StringBuilder line, int at, string text)
    {
        for (var i = 0; i < text.Length && at + i < line.Length; i++)
            line[at + i] = text[i];
    }

    private static int Column(int player) => Margin + Gap * player;

    private StringBuilder Blank() => new(new string(' ', Width + 8));

    private StringBuilder LifeLines()
    {
        var line = new StringBuilder(new string(' ', Width));
        for (var i = 0; i < players.Length; i++)
            line[Column(i)] = '│';

        return line;
    }
}
