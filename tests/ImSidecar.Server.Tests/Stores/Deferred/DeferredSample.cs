using System.Text;
using ImSidecar.Core.Deferred;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Server.Tests.Stores.Deferred;

/// <summary>Messages for somebody who is away.</summary>
internal static class DeferredSample
{
    public const string Alice = "sip:alice@example.com";
    public const string Bob = "sip:bob@example.com";

    public static DateTimeOffset Now { get; } = new(2026, 11, 26, 12, 0, 0, 123, TimeSpan.Zero);

    public static DeferredNotices AllNotices { get; } = new("id-1", "2026-11-26T12:00:00Z", true, true)
    {
        Route = "<sip:list@example.com>",
    };

    public static DeferredMessage Message(string key, string user = Alice, int size = 100) => new()
    {
        User = user,
        Key = key,
        Recipient = Uri("sip:alice@example.com"),
        Sender = Uri(Bob),
        Subject = "about " + key,
        ReceivedAt = Now,
        ExpiresAt = Now.AddDays(7),
        Content = new(Encoding.UTF8.GetBytes(key.PadRight(size, '.')).AsMemory(0, size), default),
    };

    /// <summary>With everything that a message can have.</summary>
    public static DeferredMessage SessionMessage(string key) => Message(key) with
    {
        Recipient = Uri("tel:+4912345"),
        Sender = Uri("sip:bob%20b@example.com;user=phone"),
        IsAnonymous = true,
        Subject = "Gr\u00fc\u00dfe \0 \U0001F600",
        ReceivedAt = Now.AddMilliseconds(7),
        Notices = AllNotices,
        Content = new("INVITE sip:alice@example.com SIP/2.0\r\n\r\n"u8.ToArray(), (byte[])[0, 1, 2, 255, 0]),
    };

    public static SipUri Uri(string text) =>
        SipUri.TryParse(text, out var uri) ? uri : throw new ArgumentException(text, nameof(text));
}
