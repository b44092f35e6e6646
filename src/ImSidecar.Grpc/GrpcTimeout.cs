using System.Globalization;

namespace ImSidecar.Grpc;

/// <summary>The grpc-timeout header: at most eight digits and a unit, one of H M S m u n.</summary>
internal static class GrpcTimeout
{
    public const string HeaderName = "grpc-timeout";

    private const int MaxDigits = 8;
    private const int NanosecondsPerTick = 100;

    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan timeout)
    {
        timeout = default;
        if (text.Length is < 2 or > MaxDigits + 1)
            return false;

        if (!long.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            return false;

        long? ticks = text[^1] switch
        {
            'H' => count * TimeSpan.TicksPerHour,
            'M' => count * TimeSpan.TicksPerMinute,
            'S' => count * TimeSpan.TicksPerSecond,
            'm' => count * TimeSpan.TicksPerMillisecond,
            'u' => count * TimeSpan.TicksPerMicrosecond,
            'n' => (count + NanosecondsPerTick - 1) / NanosecondsPerTick,
            _ => null,
        };

        timeout = TimeSpan.FromTicks(ticks ?? 0);
        return ticks is not null;
    }
}
