using ImSidecar.Core.Conferences;
using ImSidecar.Server.Stores.Postgres;
using ImSidecar.Server.Tests.Stores.Deferred;

namespace ImSidecar.Server.Tests.Stores.Postgres;

/// <summary>The contract on a real PostgreSQL, and what only several nodes on one schema can get wrong.</summary>
[Collection(nameof(PostgresServer))]
public sealed class PostgresConferenceStoreTests(PostgresServer server) : ConferenceStoreContract, IAsyncLifetime
{
    private readonly PostgresSchemaOfTest _schema = new(server);
    private PostgresStore _store = null!;

    protected override IAggregateStore Store => _store.Aggregates;

    public ValueTask InitializeAsync()
    {
        _store = _schema.Open();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _schema.DisposeAsync();

    [Fact]
    public async Task Of_many_nodes_that_make_one_conference_exactly_one_is_first()
    {
        PostgresStore[] nodes = [_store, _schema.Open(), _schema.Open()];
        var conference = Sample.Conference();
        var changes = ConferenceChanges.Between(null, conference);

        for (var round = 0; round < 20; round++)
        {
            var id = new AggregateId("room" + round);
            var outcomes = await Task.WhenAll(nodes.Select(node => Task.Run(async () => await node.Aggregates
                .TrySaveAsync(id, 0, changes with { Head = conference with { Id = id } }, Cancel))));

            Assert.Single(outcomes, saved => saved);
        }
    }

    [Fact]
    public async Task Nodes_that_change_the_same_conferences_never_lose_a_change()
    {
        const int Rooms = 8;
        const int Changes = 25;
        for (var room = 0; room < Rooms; room++)
            Assert.True(await SaveAsync(null, Sample.Conference("room" + room) with { NextNumber = 0 }));
        PostgresStore[] nodes = [_store, _schema.Open()];

        await Task.WhenAll(
            from node in nodes
            from room in Enumerable.Range(0, Rooms)
            select Task.Run(() => CountAsync(node.Aggregates, new("room" + room), Changes)));

        for (var room = 0; room < Rooms; room++)
            Assert.Equal(nodes.Length * Changes, (await LoadAsync(Store, new("room" + room))).NextNumber);
    }

    [Fact]
    public async Task Saves_of_one_conference_that_wait_together_are_written_as_one_after_the_other()
    {
        var saves = new List<Task<bool>>();
        var before = Sample.Conference() with { Revision = 1 };
        Assert.True(await SaveAsync(null, before, added: [new(1, Sample.Effects[0])]));
        for (var revision = 2; revision <= 50; revision++)
        {
            var after = Sample.Conference() with
            {
                Revision = revision,
                Participants = ParticipantTable.Of([Sample.Invitee("p" + revision % 7)]),
            };
            saves.Add(SaveAsync(before, after, added: [new(revision, Sample.Effects[0])], done: [revision - 1]));
            before = after;
        }

        Assert.All(await Task.WhenAll(saves), Assert.True);
        var loaded = await (await ReopenAsync()).LoadAsync(new("room1"), Cancel);
        Assert.Equal(Dump.Of(new StoredAggregate(before, [new(50, Sample.Effects[0])])), Dump.Of(loaded!));
    }

    [Fact]
    public async Task Aggregates_are_found_by_their_slots()
    {
        string[] ids = ["roomaa", "roomab", "xd-roomab", "room77"];
        foreach (var id in ids)
            await SaveAsync(null, Sample.Conference(id));

        Assert.Equal(["roomab", "xd-roomab"], await IdsAsync(new Slot(1)));
        Assert.Equal(["room77", "roomaa"], await IdsAsync(new(1023), new(0)));
        Assert.Empty(await IdsAsync(new Slot(2)));
    }

    [Fact]
    public async Task A_page_of_aggregates_is_read_at_once_and_one_that_is_unreadable_does_not_hide_the_others()
    {
        await SaveAsync(null, Sample.Conference("a"), added: Numbered(Sample.Effects));
        await SaveAsync(null, Sample.Conference("b"));
        await _schema.RunAsync("UPDATE part SET format = 9 WHERE id = 'b'");

        var found = await ((PostgresConferenceStore)Store).LoadAsync([new("a"), new("b"), new("c")], Cancel);

        Assert.Equal(["a", "b"], found.Select(each => each.Id.Value).Order());
        var a = found.Single(each => each.Id.Value == "a").Aggregate.Value;
        Assert.Equal(
            Dump.Of(new StoredAggregate(Sample.Conference("a"), Numbered(Sample.Effects))), Dump.Of(a));
        var error = Assert.ThrowsAny<Exception>(() => found.Single(each => each.Id.Value == "b").Aggregate.Value);
        Assert.Contains("format 9", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_of_any_length_and_with_any_characters_is_kept()
    {
        var entity = "sip:" + new string('x', 9000) + "\0@example.com";
        var conference = Sample.Conference() with
        {
            Departures = Sample.Conference().Departures.Add(entity, Sample.Departure(entity)),
        };
        await SaveAsync(null, conference);
        var without = Sample.Conference() with { Revision = 43 };

        Assert.Equal(Dump.Of(conference), Dump.Of(await LoadAsync(Store, conference.Id)));
        Assert.True(await SaveAsync(conference, without));
        Assert.Equal(Dump.Of(without), Dump.Of(await LoadAsync(Store, conference.Id)));
    }

    protected override async Task<IAggregateStore> ReopenAsync()
    {
        await _store.DisposeAsync();
        _store = _schema.Open();
        return Store;
    }

    private static async Task<Conference> LoadAsync(IAggregateStore store, AggregateId id) =>
        (Conference)(await store.LoadAsync(id, Cancel))!.State;

    private static async Task CountAsync(IAggregateStore store, AggregateId id, int changes)
    {
        while (changes > 0)
        {
            var before = await LoadAsync(store, id);
            var after = before with { Revision = before.Revision + 1, NextNumber = before.NextNumber + 1 };
            if (await store.TrySaveAsync(id, before.Revision, ConferenceChanges.Between(before, after), Cancel))
                changes--;
        }
    }

    private async Task<IEnumerable<string>> IdsAsync(params HashSet<Slot> slots)
    {
        var ids = new List<string>();
        await foreach (var id in Store.ActiveAsync(slots, Cancel))
            ids.Add(id.Value);
        return ids.Order(StringComparer.Ordinal);
    }
}
