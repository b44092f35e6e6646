namespace ImSidecar.Protocol.Xdm;

/// <summary>
/// What a subscription to XCAP documents names, RFC 5875 4.2: a document, or a collection, all documents below it.
/// </summary>
/// <param name="Auid">The application usage; null: every one.</param>
/// <param name="User">Whose documents; null in the global tree.</param>
/// <param name="Path">As in <see cref="DocumentSelector"/>; empty, or ending in a slash, for a collection.</param>
public sealed record DocumentTarget(string? Auid, string? User, string Path)
{
    public const int MaxTargets = 100;

    // Stands for the document that a collection leaves open.
    private const string Any = "~any";

    public bool IsCollection => Path.Length == 0 || Path.EndsWith('/');

    public static DocumentTarget AllOf(string user) => new(null, user, "");

    public static DocumentTarget Of(DocumentSelector document) => new(document.Auid, document.User, document.Path);

    /// <summary>
    /// An XCAP URI, absolute or relative to the root; one of a node stands for its document, for we tell no contents.
    /// </summary>
    public static bool TryParse(string text, out DocumentTarget target)
    {
        target = null!;
        var isCollection = text.EndsWith('/');
        if (!XcapUri.TryParseReference(isCollection ? text + Any : text, out var uri))
            return false;

        target = Of(uri.Document);
        if (isCollection)
            target = target with { Path = target.Path[..^Any.Length] };
        return true;
    }

    public bool Covers(DocumentSelector document) =>
        (Auid is null || Auid == document.Auid)
        && User == document.User
        && (IsCollection ? document.Path.StartsWith(Path, StringComparison.Ordinal) : Path == document.Path);
}
