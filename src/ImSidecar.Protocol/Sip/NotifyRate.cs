using System.Globalization;

namespace ImSidecar.Protocol.Sip;

/// <summary>Notifications in a second, RFC 6446 9, kept as the time between two of them.</summary>
public readonly record struct NotifyRate(TimeSpan Interval)
{
    private static readonly TimeSpan _longest = TimeSpan.FromDays(30);

    /// <summary>At most two digits before the point and ten behind it, and not zero.</summary>
    public static bool TryParse(string? text, out NotifyRate rate)
    {
        rate = default;
        if (text is null)
            return false;

        var point = text.IndexOf('.', StringComparison.Ordinal);
        var (whole, fraction) = point < 0 ? (text, "0") : (text[..point], text[(point + 1)..]);
        if (whole.Length is 0 or > 2
            || fraction.Length is 0 or > 10
            || !decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
            || value == 0)
            return false;

        var seconds = Math.Min(1 / value, (decimal)_longest.TotalSeconds);
        rate = new(TimeSpan.FromTicks((long)(seconds * TimeSpan.TicksPerSecond)));
        return true;
    }

    /// <summary>Six digits that count, which is what an interval can tell.</summary>
    public override string ToString()
    {
        var value = Math.Min((decimal)TimeSpan.TicksPerSecond / Math.Max(Interval.Ticks, 1), 99);
        var places = Math.Clamp(5 - (int)Math.Floor(Math.Log10((double)value)), 0, 10);
        return Math.Round(value, places).ToString("0.##########", CultureInfo.InvariantCulture);
    }
}
