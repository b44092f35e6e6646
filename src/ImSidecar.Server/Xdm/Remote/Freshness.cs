namespace ImSidecar.Server.Xdm.Remote;

/// <summary>How far what is known of a document can be believed.</summary>
internal enum Freshness
{
    /// <summary>As it is.</summary>
    Fresh,

    /// <summary>Still, while the XDMS is asked behind the reader's back.</summary>
    Stale,

    /// <summary>Only when the XDMS does not answer.</summary>
    Old,

    /// <summary>Not at all.</summary>
    Unknown,
}

/// <summary>Judges the age of what is known of documents.</summary>
internal sealed class AgeLimits(XcapClientOptions options, IDocumentWatch? watch)
{
    public Freshness Judge(CachedDocument entry, DateTimeOffset now)
    {
        if (!IsBelievable(entry, now))
            return Freshness.Unknown;

        if (entry.IsDoubted)
            return Freshness.Old;

        var age = now - entry.ConfirmedAt;
        if (entry.Document is null)
            return age < options.AbsentFor ? Freshness.Fresh : Freshness.Old;

        var limit = watch?.IsWatching(entry.Selector) is true
            ? options.RevalidateWatchedAfter
            : options.RevalidateAfter;
        if (age < limit)
            return Freshness.Fresh;

        // One in use is asked for again within that time; one that was not in use may have changed long ago.
        return age < limit + options.RevalidateAfter ? Freshness.Stale : Freshness.Old;
    }

    /// <summary>False when the last confirmation is too long ago, whatever is known.</summary>
    public bool IsBelievable(CachedDocument entry, DateTimeOffset now) =>
        entry.IsKnown && now - entry.ConfirmedAt < options.KeepFor;

    public bool IsInUse(CachedDocument entry, DateTimeOffset now) => now - entry.UsedAt <= options.InUseFor;

    /// <summary>True for a group that is not there, once that is believed no longer; it is not asked for again.</summary>
    public bool IsForgotten(CachedDocument entry, DateTimeOffset now) =>
        entry is { IsKnown: true, Document: null, Selector.IsGlobal: true, Fetch: null }
        && now - entry.ConfirmedAt >= options.AbsentFor;

    /// <summary>True for what the sweep asks for again.</summary>
    public bool IsDue(CachedDocument entry, DateTimeOffset now)
    {
        if (entry.Fetch is not null || !IsInUse(entry, now))
            return false;

        // Who asks for groups that do not exist costs one GET, and nothing afterwards.
        if (entry.Document is null && entry.Selector.IsGlobal)
            return false;

        return Judge(entry, now) != Freshness.Fresh
            && (entry.IsDoubted || now - entry.AskedAt >= options.RevalidateAfter);
    }
}
