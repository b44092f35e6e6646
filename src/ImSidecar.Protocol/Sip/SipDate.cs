using System.Globalization;

namespace ImSidecar.Protocol.Sip;

/// <summary>Date header field, RFC 3261 20.17: GMT, whole seconds. The weekday is not believed.</summary>
public static class SipDate
{
    public static string Write(DateTimeOffset time) => time.ToString("R", CultureInfo.InvariantCulture);

    public static bool TryParse(string? text, out DateTimeOffset time)
    {
        time = default;
        var comma = text?.IndexOf(',', StringComparison.Ordinal) ?? -1;
        return comma >= 0 && DateTimeOffset.TryParseExact(
            text.AsSpan(comma + 1).Trim(), "d MMM yyyy HH:mm:ss 'GMT'", CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);
    }
}
