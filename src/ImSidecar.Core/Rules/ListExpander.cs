using System.Collections.Immutable;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Core.Rules;

/// <summary>
/// Follows external and entry-ref of RFC 4826 through the documents that are loaded; bounded, and total: what cannot be
/// resolved is nobody and a problem.
/// </summary>
internal sealed class ListExpander(
    IReadOnlyDictionary<DocumentSelector, ReferencedDocument> loaded, ImmutableArray<string> roots, string? owner)
{
    public const int MaxDepth = 8;
    public const int MaxDocuments = 32;
    public const int MaxEntries = 20_000;
    public const int MaxReferences = 1000;
    public const int MaxProblems = 16;

    private readonly Dictionary<string, List<GroupMember>> _expanded = [];
    private readonly HashSet<DocumentSelector> _used = [];
    private readonly HashSet<DocumentSelector> _missing = [];
    private readonly List<string> _problems = [];
    private readonly HashSet<string> _path = [];
    private readonly HashSet<string> _seen = [];
    private int _entries;
    private int _references;

    public ImmutableArray<DocumentSelector> Missing => [.. _missing];

    public ImmutableArray<string> Problems => [.. _problems];

    /// <summary>The users of a list by its anchor, in document order.</summary>
    public IReadOnlyList<GroupMember> Expand(string anchor)
    {
        if (_expanded.TryGetValue(anchor, out var known))
            return known;

        var into = new List<GroupMember>();
        _seen.Clear();
        Follow(anchor, wantsEntry: false, into);
        _expanded.Add(anchor, into);
        return into;
    }

    /// <summary>The users of a well-known list of a document; no problem if there is neither.</summary>
    public IReadOnlyList<GroupMember> ExpandNamed(DocumentSelector document, string name)
    {
        var into = new List<GroupMember>();
        _seen.Clear();
        _used.Add(document);
        if (!loaded.TryGetValue(document, out var found))
            _missing.Add(document);
        else if (found.Lists?.Lists.FirstOrDefault(each => each.Name == name) is { } list)
            Walk(list, into);
        else if (found is { Lists: null, Problem: { } problem })
            Report($"{document} {problem}");

        return into;
    }

    public void Report(string problem)
    {
        if (_problems.Count < MaxProblems)
            _problems.Add(RuleText.Clean(problem));
    }

    private void Follow(string text, bool wantsEntry, List<GroupMember> into)
    {
        if (!ListReference.TryParse(text, out var reference) || reference.Entry is null == wantsEntry)
        {
            Report($"'{text}' does not refer to {(wantsEntry ? "an entry of " : "")}a resource list");
            return;
        }

        var name = reference.ToString();
        if (!IsOurs(reference.Root))
            Report($"{name} is at another XDMS");
        else if (!MayRefer(reference.Document))
            Report($"{name} is somebody else's");
        else if (_path.Contains(name))
            Report($"{name} refers to itself");
        else if (_path.Count == MaxDepth)
            Report($"{name} is more than {MaxDepth} references away");
        else if (_seen.Add(name) && Find(reference) is { } list)
        {
            _path.Add(name);
            if (reference.Entry is { } step)
                AddEntry(list, step, name, into);
            else
                Walk(list, into);

            _path.Remove(name);
        }
    }

    private bool IsOurs(string root) =>
        root.Length == 0 || roots.IsDefaultOrEmpty
        || roots.Any(each => string.Equals(each.TrimEnd('/'), root.TrimEnd('/'), StringComparison.OrdinalIgnoreCase));

    /// <summary>We may read everything: a reference must not tell its author what he may not read himself.</summary>
    private bool MayRefer(DocumentSelector document) => owner is null || document.IsGlobal || document.User == owner;

    private NamedList? Find(ListReference reference)
    {
        if (++_references > MaxReferences)
        {
            Report($"there are more than {MaxReferences} references");
            return null;
        }

        if (!_used.Contains(reference.Document) && _used.Count == MaxDocuments)
        {
            Report($"{reference.Document} is one of more than {MaxDocuments} documents");
            return null;
        }

        _used.Add(reference.Document);
        if (!loaded.TryGetValue(reference.Document, out var document))
        {
            _missing.Add(reference.Document);
            return null;
        }

        if (document.Lists is null)
        {
            Report($"{reference.Document} {document.Problem ?? "does not exist"}");
            return null;
        }

        var list = Select(document.Lists.Lists, reference.Lists);
        if (list is null)
            Report($"{reference} does not exist or is not the only one");

        return list;
    }

    private static NamedList? Select(ImmutableArray<NamedList> lists, ImmutableArray<ListStep> steps)
    {
        NamedList? found = null;
        foreach (var step in steps)
        {
            found = Single(lists, step, each => each.Name);
            if (found is null)
                return null;

            lists = [.. found.Items.OfType<NestedList>().Select(each => each.List)];
        }

        return found;
    }

    /// <summary>A selector names exactly one, RFC 4825 6.3; the position comes first.</summary>
    private static T? Single<T>(ImmutableArray<T> all, ListStep step, Func<T, string?> key)
        where T : class
    {
        if (step.Position is { } position)
            all = position >= 1 && position <= all.Length ? [all[position - 1]] : [];

        T[] found = [.. all.Where(each => step.Key is null || key(each) == step.Key).Take(2)];
        return found is [var single] ? single : null;
    }

    private void AddEntry(NamedList list, ListStep step, string name, List<GroupMember> into)
    {
        if (Single([.. list.Items.OfType<ListEntry>()], step, each => each.Uri) is { } entry)
            Add(entry, into);
        else
            Report($"{name} does not exist or is not the only one");
    }

    private void Walk(NamedList list, List<GroupMember> into)
    {
        foreach (var item in list.Items)
        {
            switch (item)
            {
                case ListEntry entry:
                    Add(entry, into);
                    break;
                case NestedList nested:
                    Walk(nested.List, into);
                    break;
                case ExternalList external:
                    Follow(external.Anchor, wantsEntry: false, into);
                    break;
                case ListEntryReference reference:
                    Follow(reference.Reference, wantsEntry: true, into);
                    break;
            }
        }
    }

    private void Add(ListEntry entry, List<GroupMember> into)
    {
        if (++_entries == MaxEntries + 1)
            Report($"there are more than {MaxEntries} entries");

        // Anybody else, a presentity for instance, sends us no request.
        if (_entries <= MaxEntries && SipUri.TryParse(entry.Uri, out var uri))
            into.Add(new(uri, entry.DisplayName));
    }
}
