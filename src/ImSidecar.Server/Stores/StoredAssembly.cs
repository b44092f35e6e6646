using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Messages;
using ImSidecar.Server.Stores.Format;

namespace ImSidecar.Server.Stores;

/// <summary>Puts an aggregate together from its rows, all of one moment.</summary>
/// <param name="Rows">Of one table, in the order of their keys.</param>
internal sealed record StoredAssembly(AggregateId Id, Func<PartTable, IEnumerable<StoredRow>> Rows)
{
    /// <summary>A revision may have no body of its own: the column counts.</summary>
    public StoredAggregate With(int format, byte[] body, long revision)
    {
        var head = StoredFormat.ReadHead(Id, format, body) with { Revision = revision };
        var effects = Read<Effect>(PartTable.Effect).ToList();
        return new(
            head switch
            {
                Conference conference => WithParts(conference),
                PageMessage message => WithParts(message),
                _ => head,
            },
            [.. effects.Select(row => new PendingEffect((long)row.Key, row.Part))]);
    }

    private Conference WithParts(Conference head) => head with
    {
        Participants = ParticipantTable.Of(Read<Participant>(PartTable.Participant).Select(row => row.Part)),
        Subscriptions = SubscriptionTable.Of(Subscriptions()).At(head.RosterRevision),
        Departures = Read<Departure>(PartTable.Departure)
            .ToImmutableDictionary(row => row.Part.Entity, row => row.Part),
        Guests = Read<Guest>(PartTable.Guest).ToImmutableDictionary(row => row.Part.Key, row => row.Part),
    };

    private PageMessage WithParts(PageMessage head) => head with
    {
        Content = Read<PageContent>(PartTable.Content).Select(row => row.Part).FirstOrDefault(PageContent.Empty),
        Recipients = Read<Recipient>(PartTable.Recipient)
            .ToImmutableDictionary(row => row.Part.Id, row => row.Part),
    };

    // Each as it was written, with what came of it since.
    private IEnumerable<Subscription> Subscriptions()
    {
        var progress = Rows(PartTable.Progress).ToDictionary(row => (long)row.Key);
        foreach (var (key, format, body) in Rows(PartTable.Subscription))
        {
            var name = $"subscription {key} of conference {Id}";
            var written = StoredFormat.Read<Subscription>(format, body, name);
            yield return progress.TryGetValue(written.Number, out var since)
                ? StoredFormat.ReadProgressed(format, body, since.Format, since.Body, name)
                : written;
        }
    }

    private IEnumerable<(object Key, TPart Part)> Read<TPart>(PartTable table) =>
        Rows(table).Select(row => (row.Key, StoredFormat.Read<TPart>(
            row.Format, row.Body, $"{StoredPart.Name(table)} {row.Key} of conference {Id}")));
}

/// <summary>A part as it is stored; its key is a text or a number.</summary>
internal readonly record struct StoredRow(object Key, int Format, byte[] Body);
