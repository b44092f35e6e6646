using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Server.Xdm.Remote;

/// <summary>
/// The documents in memory, the least recently used given up first. Those that there are and those that there are not
/// are counted apart, so that who asks for thousands that do not exist pushes none out that does.
/// </summary>
internal sealed class DocumentTable(int maxDocuments, long maxBytes)
{
    private readonly Dictionary<DocumentSelector, Place> _places = [];
    private readonly LinkedList<Place> _documents = new();
    private readonly LinkedList<Place> _others = new();

    public long Bytes { get; private set; }

    public int Documents => _documents.Count;

    /// <summary>What was given up, or is not believed any more, and nobody has been told of.</summary>
    public List<CachedDocument> GivenUp { get; } = [];

    public IEnumerable<CachedDocument> All => _documents.Concat(_others).Select(place => place.Entry);

    public CachedDocument? Find(DocumentSelector selector) => _places.GetValueOrDefault(selector)?.Entry;

    /// <summary>The entry, made when there is none; it is the most recently used now.</summary>
    public CachedDocument Use(DocumentSelector selector, DateTimeOffset now)
    {
        if (!_places.TryGetValue(selector, out var place))
        {
            place = new(new CachedDocument(selector), _others);
            _places.Add(selector, place);
            Trim(_others);
        }
        else if (place.List.First != place.Node)
        {
            place.List.Remove(place.Node);
            place.List.AddFirst(place.Node);
        }

        place.Entry.UsedAt = now;
        place.Entry.IsRetired = false;
        return place.Entry;
    }

    public void Remove(CachedDocument entry)
    {
        if (_places.Remove(entry.Selector, out var place))
            GiveUp(place);
    }

    /// <summary>What is known of the entry has changed: it is counted where it belongs.</summary>
    public void Settle(CachedDocument entry)
    {
        // Given up while it was asked for.
        if (!_places.TryGetValue(entry.Selector, out var place) || place.Entry != entry)
            return;

        Bytes += entry.Size - place.Bytes;
        place.Bytes = entry.Size;
        var list = entry.Document is null ? _others : _documents;
        if (list != place.List)
        {
            place.List.Remove(place.Node);
            place.List = list;
            list.AddFirst(place.Node);
        }

        Trim(list);
    }

    private void Trim(LinkedList<Place> list)
    {
        while (list.Count > maxDocuments || (Bytes > maxBytes && list.Count > 1 && list == _documents))
        {
            var place = list.Last!.Value;
            _places.Remove(place.Entry.Selector);
            GiveUp(place);
        }
    }

    private void GiveUp(Place place)
    {
        place.List.Remove(place.Node);
        Bytes -= place.Bytes;
        if (place.Entry.IsKnown)
            GivenUp.Add(place.Entry);
    }

    private sealed class Place
    {
        public Place(CachedDocument entry, LinkedList<Place> list)
        {
            Entry = entry;
            List = list;
            Node = list.AddFirst(this);
        }

        public CachedDocument Entry { get; }

        public LinkedListNode<Place> Node { get; }

        public LinkedList<Place> List { get; set; }

        public long Bytes { get; set; }
    }
}
