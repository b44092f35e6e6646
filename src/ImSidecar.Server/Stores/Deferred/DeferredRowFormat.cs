using System.Security.Cryptography;
using System.Text;
using ImSidecar.Core.Deferred;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Server.Stores.Deferred;

/// <summary>Messages to rows and back.</summary>
internal sealed class DeferredRowFormat(ContentSeal seal)
{
    /// <summary>How long a message that is gone is known, in milliseconds: its copy is none of a new one.</summary>
    public const long RememberedFor = 600_000;

    private const int DigestBytes = 16;

    /// <summary>What a key is found by: as short as the index wants it, and the same for the same key only.</summary>
    public static byte[] DigestOf(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key))[..DigestBytes];

    public DeferredRow RowOf(DeferredMessage message)
    {
        var (sip, msrp) = message.Content;
        var content = new byte[message.Content.Size];
        sip.CopyTo(content);
        msrp.CopyTo(content.AsMemory(sip.Length));
        SealedPart Part(string name) => new(name, message.User, message.Key, sip.Length);
        return new()
        {
            User = message.User,
            Key = message.Key,
            Sender = message.Sender.Text,
            Recipient = message.Recipient.Text,
            IsAnonymous = message.IsAnonymous,
            ReceivedAt = message.ReceivedAt.ToUnixTimeMilliseconds(),
            ExpiresAt = message.ExpiresAt.ToUnixTimeMilliseconds(),
            SipSize = sip.Length,
            Size = content.Length,
            Notices = message.Notices is { } notices ? StoredNotices.Write(notices) : null,
            KeyId = seal.KeyId,
            Subject = seal.Seal(Encoding.UTF8.GetBytes(message.Subject), Part(SealedPart.Subject)),
            Content = seal.Seal(content, Part(SealedPart.Content)),
        };
    }

    /// <summary>False, with the reason, for a row that cannot be read.</summary>
    public bool TryRead(DeferredRow row, out DeferredMessage message, out string error)
    {
        message = null!;
        var part = new SealedPart(SealedPart.Content, row.User, row.Key, row.SipSize);
        if (!TryReadEntry(row, out var entry, out error)
            || !seal.TryOpen(row.KeyId, row.Content, part, out var content, out error))
            return false;

        DeferredNotices? notices = null;
        if (!SipUri.TryParse(row.Recipient, out var recipient)
            || (row.Notices is { } asked && !StoredNotices.TryRead(asked, out notices))
            || row.SipSize < 0 || row.SipSize > content.Length)
        {
            error = "it is not what was written";
            return false;
        }

        message = new()
        {
            Number = row.Number,
            User = row.User,
            Key = row.Key,
            Recipient = recipient,
            Sender = entry.Sender,
            IsAnonymous = entry.IsAnonymous,
            Subject = entry.Subject,
            ReceivedAt = entry.ReceivedAt,
            ExpiresAt = entry.ExpiresAt,
            Notices = notices,
            Content = new(content.AsMemory(0, (int)row.SipSize), content.AsMemory((int)row.SipSize)),
        };
        return true;
    }

    public bool TryReadEntry(DeferredRow row, out DeferredEntry entry, out string error)
    {
        entry = null!;
        var part = new SealedPart(SealedPart.Subject, row.User, row.Key, row.SipSize);
        if (!seal.TryOpen(row.KeyId, row.Subject, part, out var subject, out error))
            return false;

        if (!SipUri.TryParse(row.Sender, out var sender))
        {
            error = "it is not what was written";
            return false;
        }

        entry = new(
            row.Number, sender, row.IsAnonymous, Encoding.UTF8.GetString(subject), row.SipSize == row.Size, row.Size,
            Time(row.ReceivedAt), Time(row.ExpiresAt));
        return true;
    }

    public static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}
