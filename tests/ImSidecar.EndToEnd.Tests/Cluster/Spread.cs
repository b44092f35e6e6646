using System.Globalization;
using System.Text;

namespace ImSidecar.EndToEnd.Tests.Cluster;

/// <summary>How long something took each time, told as percentiles and a histogram of half seconds.</summary>
internal sealed class Spread(string name)
{
    private const double Step = 0.5;

    private readonly List<double> _seconds = [];

    public string Newest => Text(_seconds[^1]);

    public void Add(TimeSpan took) => _seconds.Add(took.TotalSeconds);

    public override string ToString()
    {
        double[] sorted = [.. _seconds.Order()];
        var text = new StringBuilder($"{name}: least {Text(sorted[0])}");
        foreach (var percent in (int[])[50, 90, 99])
            text.Append(CultureInfo.InvariantCulture, $", p{percent} {Text(sorted[(sorted.Length - 1) * percent / 100])}");
        text.Append(CultureInfo.InvariantCulture, $", most {Text(sorted[^1])} (of {sorted.Length})");
        foreach (var bin in sorted.GroupBy(each => Math.Floor(each / Step)))
            text.AppendLine().Append(
                CultureInfo.InvariantCulture, $"  {bin.Key * Step:0.0} s {new string('#', bin.Count())} {bin.Count()}");
        return text.ToString();
    }

    private static string Text(double seconds) => seconds.ToString("0.00 s", CultureInfo.InvariantCulture);
}
