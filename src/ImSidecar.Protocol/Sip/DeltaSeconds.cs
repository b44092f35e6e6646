using System.Globalization;

namespace ImSidecar.Protocol.Sip;

/// <summary>A time in whole seconds, RFC 3261 25.1, as in Expires and Retry-After; what follows it is not read.</summary>
public static class DeltaSeconds
{
    /// <summary>Null when there is none; one that is too long to be counted is the longest there is.</summary>
    public static TimeSpan? Read(string? text)
    {
        var trimmed = text.AsSpan().TrimStart();
        var end = trimmed.IndexOfAnyExceptInRange('0', '9');
        var digits = end < 0 ? trimmed : trimmed[..end];
        if (digits.IsEmpty)
            return null;

        return TimeSpan.FromSeconds(int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? seconds
            : int.MaxValue);
    }
}
