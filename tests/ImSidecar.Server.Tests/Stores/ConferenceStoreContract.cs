using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Messages;

namespace ImSidecar.Server.Tests.Stores;

/// <summary>What every conference store has to do; one subclass for each store.</summary>
public abstract class ConferenceStoreContract
{
    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static readonly AggregateId _id = new("room1");

    /// <summary>The store under test.</summary>
    protected abstract IAggregateStore Store { get; }

    /// <summary>The same store as a restarted node sees it.</summary>
    protected abstract Task<IAggregateStore> ReopenAsync();

    [Fact]
    public async Task Everything_that_was_saved_is_loaded_after_a_restart()
    {
        var conference = Sample.Conference();
        var pending = Numbered(Sample.Effects);

        Assert.True(await SaveAsync(null, conference, added: pending));
        var reopened = await ReopenAsync();

        var loaded = await reopened.LoadAsync(_id, Cancel);
        Assert.Equal(Dump.Of(new StoredAggregate(conference, pending)), Dump.Of(loaded!));
    }

    [Fact]
    public async Task Another_kind_of_aggregate_is_kept_changed_and_deleted_beside_the_conferences()
    {
        await SaveAsync(null, Sample.Conference());
        var subscription = Sample.DocumentSubscription();
        var pending = Numbered(Sample.Effects);
        var first = new AggregateChanges { Head = subscription, AddedEffects = pending };
        Assert.True(await Store.TrySaveAsync(subscription.Id, 0, first, Cancel));
        Assert.False(await Store.TrySaveAsync(subscription.Id, 0, first, Cancel));
        var after = subscription with { Revision = 8, Told = [] };
        Assert.True(await Store.TrySaveAsync(
            subscription.Id, 7, new() { Head = after, DoneEffects = [.. AllBut(7)] }, Cancel));

        var reopened = await ReopenAsync();
        var loaded = await reopened.LoadAsync(subscription.Id, Cancel);
        Assert.Equal(Dump.Of(new StoredAggregate(after, [pending[6]])), Dump.Of(loaded!));
        Assert.Equal(Dump.Of(Sample.Conference()), Dump.Of((await reopened.LoadAsync(_id, Cancel))!.State));

        Assert.True(await reopened.TrySaveAsync(subscription.Id, 8, new() { Head = null }, Cancel));
        Assert.Null(await reopened.LoadAsync(subscription.Id, Cancel));
    }

    [Fact]
    public async Task A_message_to_many_is_kept_with_its_parts_and_its_content_is_written_once()
    {
        var message = Sample.PageMessage();
        Assert.True(await Store.TrySaveAsync(message.Id, 0, MessageChanges.Between(null, message), Cancel));
        var after = message.With(Sample.Recipient("r2") with { AnswerBy = null, RetryAt = null, Code = 200 }) with
        {
            Revision = 8,
        };
        var changes = MessageChanges.Between(message, after);
        Assert.Null(changes.Content);
        Assert.Equal("r2", Assert.Single(changes.Recipients).Id);
        Assert.True(await Store.TrySaveAsync(message.Id, 7, changes, Cancel));

        var reopened = await ReopenAsync();
        Assert.Equal(Dump.Of(after), Dump.Of((await reopened.LoadAsync(message.Id, Cancel))!.State));

        var over = after with { Revision = 9, Content = PageContent.Empty };
        Assert.True(await reopened.TrySaveAsync(message.Id, 8, MessageChanges.Between(after, over), Cancel));
        Assert.Equal(Dump.Of(over), Dump.Of((await reopened.LoadAsync(message.Id, Cancel))!.State));
        Assert.True(await reopened.TrySaveAsync(message.Id, 9, new() { Head = null }, Cancel));
        Assert.Null(await reopened.LoadAsync(message.Id, Cancel));
    }

    [Fact]
    public async Task A_save_writes_removes_and_keeps_parts_as_the_changes_say()
    {
        var before = Sample.Conference();
        await SaveAsync(null, before, added: Numbered(Sample.Effects));

        var after = before with
        {
            Revision = 43,
            Subject = null,
            Participants = before.Participants.Remove("p1").Set(Sample.Invitee("p4"))
                .Set(before.Participants["p2"] with { DisplayName = null }),
            Subscriptions = SubscriptionTable.Of([Sample.Subscription("s5")]),
            Departures = before.Departures.Clear().Add("sip:p1@example.com", Sample.Departure("sip:p1@example.com")),
            Guests = before.Guests.Remove("tel:+15551234").Add("tel:+15559876", new("tel:+15559876", "p4")),
        };
        Assert.True(await SaveAsync(before, after, added: [new(20, Sample.Effects[6])], done: AllBut(6)));

        var loaded = await (await ReopenAsync()).LoadAsync(_id, Cancel);
        PendingEffect[] left = [new(6, Sample.Effects[5]), new(20, Sample.Effects[6])];
        Assert.Equal(Dump.Of(new StoredAggregate(after, [.. left])), Dump.Of(loaded!));
    }

    [Fact]
    public async Task What_came_of_a_subscription_is_loaded_with_what_its_SUBSCRIBE_said()
    {
        var first = Sample.Conference();
        await SaveAsync(null, first);

        var told = first.Subscriptions.Values.Single() with
        {
            Version = 9,
            AnswerBy = null,
            EndReason = null,
            IsTold = false,
        };
        var progressed = first with { Revision = 43, Subscriptions = first.Subscriptions.Set(told) };
        Assert.Empty(ConferenceChanges.Between(first, progressed).Subscriptions);
        Assert.True(await SaveAsync(first, progressed));
        Assert.Equal(Dump.Of(progressed), Dump.Of(await LoadAgainAsync()));

        var moved = told with { RouteSet = ["<sip:other.example.com;lr>"], Version = 10 };
        var refreshed = progressed with { Revision = 44, Subscriptions = progressed.Subscriptions.Set(moved) };
        Assert.True(await SaveAsync(progressed, refreshed));
        Assert.Equal(Dump.Of(refreshed), Dump.Of(await LoadAgainAsync()));

        var without = refreshed with { Revision = 45, Subscriptions = SubscriptionTable.Empty };
        Assert.True(await SaveAsync(refreshed, without));
        Assert.True(await SaveAsync(without, first with { Revision = 46 }));
        Assert.Equal(Dump.Of(first with { Revision = 46 }), Dump.Of(await LoadAgainAsync()));
    }

    [Fact]
    public async Task Effects_are_struck_off_without_a_change_of_the_conference()
    {
        var conference = Sample.Conference();
        await SaveAsync(null, conference, added: Numbered(Sample.Effects));

        Assert.True(await SaveAsync(conference, conference, done: AllBut(7)));

        var loaded = await Store.LoadAsync(_id, Cancel);
        Assert.Equal(Dump.Of(conference), Dump.Of(loaded!.Conference));
        Assert.Equal(7, Assert.Single(loaded!.Pending).Number);
    }

    [Fact]
    public async Task Pending_effects_come_back_in_the_order_of_their_numbers()
    {
        long[] shuffled = [100, 9, 11, 1, 10];

        var pending = shuffled.Select(number => new PendingEffect(number, Sample.Effects[6]));
        await SaveAsync(null, Sample.Conference(), added: [.. pending]);

        var loaded = await Store.LoadAsync(_id, Cancel);
        Assert.Equal([1, 9, 10, 11, 100], loaded!.Pending.Select(effect => effect.Number));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(41)]
    [InlineData(43)]
    public async Task A_save_on_another_revision_than_the_stored_one_changes_nothing(long expected)
    {
        var conference = Sample.Conference();
        await SaveAsync(null, conference, added: Numbered(Sample.Effects));

        var other = new ConferenceChanges
        {
            Head = conference with { Revision = 50, Subject = "other" },
            RemovedParticipants = ["p1"],
            AddedEffects = [new(90, Sample.Effects[6])],
            DoneEffects = [1],
        };
        Assert.False(await Store.TrySaveAsync(_id, expected, other, Cancel));
        Assert.False(await Store.TrySaveAsync(_id, expected, new() { Head = null }, Cancel));

        var loaded = await Store.LoadAsync(_id, Cancel);
        Assert.Equal(Dump.Of(new StoredAggregate(conference, Numbered(Sample.Effects))), Dump.Of(loaded!));
    }

    [Fact]
    public async Task A_change_of_a_conference_that_is_not_there_is_refused()
    {
        var changes = new ConferenceChanges { Head = Sample.Conference() with { Revision = 43 } };

        Assert.False(await Store.TrySaveAsync(_id, 42, changes, Cancel));
        Assert.Null(await Store.LoadAsync(_id, Cancel));
    }

    [Fact]
    public async Task A_deleted_conference_is_gone_with_all_its_parts()
    {
        var conference = Sample.Conference();
        await SaveAsync(null, conference, added: Numbered(Sample.Effects));

        Assert.True(await Store.TrySaveAsync(_id, conference.Revision, new() { Head = null }, Cancel));
        Assert.Null(await Store.LoadAsync(_id, Cancel));

        // Nothing of the first one turns up in a second one of the same name.
        var second = new ConferenceChanges { Head = conference with { Revision = 1 } };
        Assert.True(await Store.TrySaveAsync(_id, 0, second, Cancel));
        var loaded = await Store.LoadAsync(_id, Cancel);
        Assert.True(loaded!.Conference.Participants.IsEmpty);
        Assert.Empty(loaded!.Conference.Subscriptions.Values);
        Assert.Empty(loaded!.Conference.Departures);
        Assert.Empty(loaded!.Conference.Guests);
        Assert.Empty(loaded!.Pending);
    }

    [Fact]
    public async Task Of_many_writers_on_one_revision_exactly_one_is_first()
    {
        var conference = Sample.Conference();
        await SaveAsync(null, conference);

        var attempts = Enumerable.Range(1, 50).Select(writer => Task.Run(async () =>
            await SaveAsync(conference, conference with { Revision = 43, NextNumber = 100 + writer })));
        var outcomes = await Task.WhenAll(attempts);

        Assert.Single(outcomes, saved => saved);
        var loaded = await Store.LoadAsync(_id, Cancel);
        Assert.Equal(101 + Array.IndexOf(outcomes, true), loaded!.Conference.NextNumber);
    }

    [Fact]
    public async Task Many_conferences_are_saved_at_the_same_time()
    {
        const int Saves = 20;
        var writers = Enumerable.Range(0, 64).Select(writer => Task.Run(async () =>
        {
            Conference? before = null;
            for (var revision = 1; revision <= Saves; revision++)
            {
                var after = (before ?? Sample.Conference("room-" + writer)) with { Revision = revision };
                Assert.True(await SaveAsync(
                    before, after, added: [new(revision, Sample.Effects[0])], done: [revision - 1]));
                before = after;
            }
        }));
        await Task.WhenAll(writers);

        var store = await ReopenAsync();
        var loaded = new List<StoredAggregate>();
        await foreach (var id in store.ActiveAsync(Cancel))
            loaded.Add((await store.LoadAsync(id, Cancel))!);

        Assert.Equal(64, loaded.Select(conference => conference.Conference.Id).Distinct().Count());
        Assert.All(loaded, conference => Assert.Equal(Saves, conference.Conference.Revision));
        Assert.All(loaded, conference => Assert.Equal(Saves, Assert.Single(conference.Pending).Number));
    }

    [Fact]
    public async Task Every_conference_is_found_by_a_starting_node()
    {
        string[] rooms = [.. Enumerable.Range(0, 600).Select(number => $"room-{number:D3}")];
        await Task.WhenAll(rooms.Select(async room => await SaveAsync(null, Sample.Conference(room))));

        var found = new List<string>();
        await foreach (var id in Store.ActiveAsync(Cancel))
            found.Add(id.Value);

        Assert.Equal(rooms, found.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_save_that_cannot_be_written_fails_alone_and_leaves_nothing()
    {
        var conference = Sample.Conference();
        await SaveAsync(null, conference, added: [new(1, Sample.Effects[6])]);

        var bad = SaveAsync(
            conference,
            conference with { Revision = 43, Participants = ParticipantTable.Empty },
            added: [new(1, Sample.Effects[0])]);
        var good = Enumerable.Range(0, 20)
            .Select(number => SaveAsync(null, Sample.Conference("good-" + number)))
            .ToArray();

        await Assert.ThrowsAnyAsync<Exception>(() => bad);
        Assert.All(await Task.WhenAll(good), Assert.True);
        var loaded = await Store.LoadAsync(_id, Cancel);
        Assert.Equal(Dump.Of(conference), Dump.Of(loaded!.Conference));
    }

    private async Task<Aggregate> LoadAgainAsync() => (await (await ReopenAsync()).LoadAsync(_id, Cancel))!.State;

    protected static ImmutableArray<PendingEffect> Numbered(ImmutableArray<Effect> effects) =>
        [.. effects.Select((effect, i) => new PendingEffect(i + 1, effect))];

    private static long[] AllBut(int left) =>
        [.. Enumerable.Range(1, Sample.Effects.Length).Where(number => number != left)];

    protected async Task<bool> SaveAsync(
        Conference? before, Conference after, ImmutableArray<PendingEffect> added = default, params long[] done) =>
        await Store.TrySaveAsync(
            after.Id,
            before?.Revision ?? 0,
            ConferenceChanges.Between(before, after) with
            {
                AddedEffects = added.IsDefault ? [] : added,
                DoneEffects = [.. done],
            },
            Cancel);
}
