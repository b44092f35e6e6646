using System.Globalization;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Messages;

/// <summary>When a message was written, and until when it is of use; RFC 3428 7.</summary>
internal static class MessageTime
{
    /// <summary>Null: it does not say, or not so that it can be read.</summary>
    public static DateTimeOffset? ExpiresAt(SipHeaders headers, DateTimeOffset now) =>
        uint.TryParse(headers.First("Expires"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? (WrittenAt(headers) is { } written && written < now ? written : now) + TimeSpan.FromSeconds(seconds)
            : null;

    /// <summary>What goes with the message: it says when it was written, by our clock if the sender does not.</summary>
    public static IEnumerable<SipHeader> Of(SipHeaders headers, DateTimeOffset now)
    {
        yield return new("Date", (WrittenAt(headers) ?? now).ToString("R", CultureInfo.InvariantCulture));
        if (uint.TryParse(headers.First("Expires"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
            yield return new("Expires", seconds.ToString(CultureInfo.InvariantCulture));
    }

    private static DateTimeOffset? WrittenAt(SipHeaders headers) =>
        DateTimeOffset.TryParseExact(
            headers.First("Date"), "R", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var written)
            ? written
            : null;
}
