using System.Security.Cryptography;
using ImSidecar.Protocol.Xdm;
using ImSidecar.Server.Stores;

namespace ImSidecar.Server.Xdm.Remote;

/// <summary>
/// What is known of one document of the remote XDMS, and since when; guarded by the gate of
/// <see cref="RemoteDocuments"/>.
/// </summary>
internal sealed class CachedDocument(DocumentSelector selector)
{
    public DocumentSelector Selector => selector;

    /// <summary>Null when there is none, or when nothing is known.</summary>
    public XdmDocument? Document { get; private set; }

    /// <summary>True when the XDMS has said what there is, even that there is nothing.</summary>
    public bool IsKnown { get; private set; }

    /// <summary>The tag of <see cref="Document"/> as it goes into If-None-Match.</summary>
    public string? Tag { get; private set; }

    /// <summary>When the GET was sent whose answer says so.</summary>
    public DateTimeOffset ConfirmedAt { get; private set; }

    public DateTimeOffset UsedAt { get; set; }

    /// <summary>When the last GET was begun.</summary>
    public DateTimeOffset AskedAt { get; private set; }

    /// <summary>Before it a reader does not cause another GET.</summary>
    public DateTimeOffset RetryAt { get; private set; }

    /// <summary>Why the last GET had no usable answer; null when it had one.</summary>
    public string? Failure { get; private set; }

    /// <summary>Told that it has changed, and not yet asked how.</summary>
    public bool IsDoubted { get; private set; }

    /// <summary>Somebody who asked was told that it is unavailable, or would be.</summary>
    public bool IsMissed { get; set; }

    /// <summary>Nobody has asked for so long that it is not kept current.</summary>
    public bool IsRetired { get; set; }

    /// <summary>The GET under way, whose answer serves all who ask.</summary>
    public Task? Fetch { get; set; }

    public long Size => Document?.Content.Length ?? 0;

    /// <summary>Counts what was told of changes, so that an answer older than the last one is told apart.</summary>
    public int Notices { get; private set; }

    public void Begin(DateTimeOffset now) => AskedAt = now;

    /// <summary>Looked for in the store, before the first GET.</summary>
    public bool IsRecalled { get; private set; }

    /// <summary>The confirmation that the store knows of.</summary>
    public DateTimeOffset RememberedAt { get; private set; }

    /// <summary>What an earlier process was told: to be asked for before it serves.</summary>
    public void Recall(RememberedDocument? remembered)
    {
        IsRecalled = true;
        if (remembered is null)
            return;

        Replace(new(remembered.Tag, remembered.Content));
        IsKnown = true;
        IsDoubted = true;
        ConfirmedAt = RememberedAt = remembered.ConfirmedAt;
    }

    /// <summary>What the store does not know yet; null when it is near enough.</summary>
    public RememberedChange? Unremembered(XdmDocument? before, TimeSpan imprecision)
    {
        if (ReferenceEquals(before, Document) && (Document is null || ConfirmedAt - RememberedAt < imprecision))
            return null;

        RememberedAt = ConfirmedAt;
        return Document is null ? new(selector)
            : ReferenceEquals(before, Document) ? new(selector) { ConfirmedAt = ConfirmedAt }
            : new(selector) { Document = new(Tag, ConfirmedAt, Document.Content) };
    }

    /// <summary>The XDMS has told of a change.</summary>
    public void Doubt()
    {
        Notices++;
        IsDoubted = true;
        RetryAt = default;
    }

    /// <summary>The XDMS has told that it is still the same.</summary>
    public void Trust(DateTimeOffset now)
    {
        IsDoubted = false;
        ConfirmedAt = now;
    }

    /// <summary>True when what was known before, if anything, is no longer right.</summary>
    public bool Confirm(XcapAnswer answer, int notices)
    {
        var hasChanged = answer switch
        {
            DocumentFound found => Replace(found),
            DocumentAbsent => Remove(),
            _ => false,
        };
        hasChanged |= IsMissed;
        IsKnown = true;
        IsMissed = false;
        Failure = null;
        RetryAt = default;
        ConfirmedAt = AskedAt;
        if (notices == Notices)
            IsDoubted = false;
        return hasChanged;
    }

    /// <summary>True when the reason is new, so that it is to be logged.</summary>
    public bool Fail(string reason, DateTimeOffset retryAt)
    {
        var isNews = Failure != reason;
        Failure = reason;
        RetryAt = retryAt;
        return isNews;
    }

    /// <summary>It is there and cannot be used: the one before it no longer holds. True when one was known.</summary>
    public bool Forget()
    {
        var wasKnown = IsKnown;
        Remove();
        IsKnown = false;
        IsMissed = true;
        IsDoubted = false;
        return wasKnown;
    }

    private bool Replace(DocumentFound found)
    {
        if (Document is not null && found.Tag == Tag && found.Content.Span.SequenceEqual(Document.Content.Span))
            return false;

        Tag = found.Tag;
        Document = new(selector, ETagOf(found), found.Content);
        return IsKnown;
    }

    private bool Remove()
    {
        var hasChanged = Document is not null;
        Document = null;
        Tag = null;
        return hasChanged;
    }

    private static string ETagOf(DocumentFound found)
    {
        if (found.Tag is null)
            return Convert.ToHexStringLower(SHA256.HashData(found.Content.Span)[..16]);

        var text = found.Tag.StartsWith("W/", StringComparison.Ordinal) ? found.Tag[2..] : found.Tag;
        return text.Trim('"');
    }
}
