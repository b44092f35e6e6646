using System.Collections.Immutable;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Client.Blocking;

/// <summary>Whom a user has blocked, IM 6.1.2.12: the entries of his list, compared as persons.</summary>
public sealed class BlockList
{
    /// <summary>The list of the resource-lists document that OMA XDM keeps for this.</summary>
    public const string Name = "oma_blockedcontacts";

    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);

    private BlockList(IEnumerable<string> entries, int references)
    {
        Entries = [.. entries];
        References = references;
        Unread = references + Entries.Count(entry => !Add(entry));
    }

    public static BlockList Empty { get; } = new([], 0);

    /// <summary>The addresses as the list has them.</summary>
    public ImmutableArray<string> Entries { get; }

    /// <summary>How many of its entries say nothing here: references to other lists, addresses that are none.</summary>
    public int Unread { get; }

    private int References { get; }

    public static BlockList Of(params IEnumerable<string> entries) => new(entries, 0);

    /// <summary>Reads the list out of a resource-lists document; one without that list blocks nobody.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> document, out BlockList list, out string error)
    {
        list = Empty;
        if (!ResourceListsXml.TryParse(document, out var lists, out error))
            return false;

        var items = lists.Lists.Where(each => each.Name == Name).SelectMany(ItemsOf).ToList();
        var entries = items.OfType<ListEntry>().Select(entry => entry.Uri).ToList();
        list = new(entries, items.Count - entries.Count);
        return true;
    }

    /// <summary>Whether that user is blocked, under whatever spelling of his address.</summary>
    public bool IsBlocked(string uri) => _keys.Count > 0 && SipUri.TryParse(uri, out var user) && IsBlocked(user);

    public bool IsBlocked(SipUri user) => _keys.Contains(user.AddressKey) || _keys.Contains(user.PersonKey);

    /// <summary>Who is in one of both.</summary>
    public BlockList And(BlockList other) =>
        new(Entries.Concat(other.Entries).Distinct(StringComparer.Ordinal), References + other.References);

    /// <summary>The entries that mean that user.</summary>
    public IEnumerable<string> EntriesOf(SipUri user) =>
        Entries.Where(entry => SipUri.TryParse(entry, out var each) && each.SamePerson(user));

    private bool Add(string entry)
    {
        if (!SipUri.TryParse(entry, out var user))
            return false;

        _keys.Add(user.AddressKey);
        _keys.Add(user.PersonKey);
        return true;
    }

    private static IEnumerable<ListItem> ItemsOf(NamedList list) =>
        list.Items.SelectMany(item => item is NestedList { List: var nested } ? ItemsOf(nested) : [item]);
}
