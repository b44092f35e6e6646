using System.Collections.Immutable;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Protocol.Xdm;

/// <summary>
/// What an external or an entry-ref of RFC 4826 points to: a list or an entry within a resource-lists document.
/// </summary>
/// <param name="Root">The XCAP root with its slash; empty for a relative reference.</param>
/// <param name="Lists">From the root of the document to the list.</param>
/// <param name="Entry">The entry of that list, null for the list itself.</param>
public sealed record ListReference(
    string Root, DocumentSelector Document, ImmutableArray<ListStep> Lists, ListStep? Entry)
{
    public const int MaxLength = 2048;
    public const int MaxSteps = 32;

    public static bool TryParse(string text, out ListReference reference)
    {
        reference = null!;
        var separator = text.IndexOf("/~~/", StringComparison.Ordinal);
        if (text.Length > MaxLength || separator < 0)
            return false;

        // What follows the question mark binds prefixes, and prefixes are passed over below.
        var selector = text[(separator + "/~~/".Length)..];
        var question = selector.IndexOf('?');
        selector = Uri.UnescapeDataString(question < 0 ? selector : selector[..question]);

        if (!TryParseDocument(text[..separator], out var root, out var document)
            || !TryParseSteps(selector, out var lists, out var entry))
            return false;

        reference = new(root, document, lists, entry);
        return true;
    }

    /// <summary>The same for two spellings of a reference; unescaped, for logs and keys.</summary>
    public override string ToString() =>
        string.Join('/', [$"{Document}/~~/resource-lists", .. Lists.Select(step => step.ToString("list"))])
        + (Entry is { } entry ? "/" + entry.ToString("entry") : "");

    /// <summary>The canonical form of a user in a document selector.</summary>
    private static string User(string xui) => SipUri.TryParse(xui, out var uri) ? uri.AddressKey : xui;

    private static bool TryParseDocument(string text, out string root, out DocumentSelector document)
    {
        document = null!;
        root = "";
        var at = text.LastIndexOf("/" + ApplicationUsage.ResourceLists + "/", StringComparison.Ordinal) + 1;
        if (at == 0 && !text.StartsWith(ApplicationUsage.ResourceLists + "/", StringComparison.Ordinal))
            return false;

        root = text[..at];
        var segments = text[at..].Split('/').Select(Uri.UnescapeDataString).ToArray();
        if (segments.Contains("") || segments.Contains("..") || segments.Contains("."))
            return false;

        document = segments switch
        {
            [_, "users", var user, _, ..] =>
                new(ApplicationUsage.ResourceLists, User(user), string.Join('/', segments[3..])),
            [_, "global", _, ..] => new(ApplicationUsage.ResourceLists, null, string.Join('/', segments[2..])),
            _ => null!,
        };
        return document is not null;
    }

    private static bool TryParseSteps(string selector, out ImmutableArray<ListStep> lists, out ListStep? entry)
    {
        lists = [];
        entry = null;
        var read = ImmutableArray.CreateBuilder<ListStep>();
        var rest = selector.AsSpan();
        if (!ListStep.TryRead(ref rest, out var name, out var root) || name != "resource-lists" || root != default)
            return false;

        while (!rest.IsEmpty)
        {
            if (entry is not null || read.Count == MaxSteps || rest[0] != '/')
                return false;

            rest = rest[1..];
            if (!ListStep.TryRead(ref rest, out name, out var step))
                return false;

            if (name == "entry")
                entry = step;
            else
                read.Add(step);

            if (name is not ("entry" or "list") || step.Attribute is not null && step.Attribute != KeyOf(name))
                return false;
        }

        lists = read.ToImmutable();
        return !lists.IsEmpty;
    }

    private static string KeyOf(string element) => element == "entry" ? "uri" : "name";
}
