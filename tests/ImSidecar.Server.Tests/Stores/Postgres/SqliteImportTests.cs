using System.Collections.Immutable;
using System.Text;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Deferred;
using ImSidecar.Core.Messages;
using ImSidecar.Protocol.Xdm;
using ImSidecar.Server.Stores;
using ImSidecar.Server.Stores.Deferred;
using ImSidecar.Server.Stores.Postgres;
using ImSidecar.Server.Stores.Sqlite;
using ImSidecar.Server.Tests.Stores.Deferred;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImSidecar.Server.Tests.Stores.Postgres;

/// <summary>A sidecar with SQLite becomes one with PostgreSQL, and goes on where it was.</summary>
[Collection(nameof(PostgresServer))]
public sealed class SqliteImportTests(PostgresServer server) : IAsyncLifetime
{
    private const string Root = "https://xdms.example.com/xcap-root/";
    private static readonly DocumentSelector _ski = new(ApplicationUsage.Groups, "sip:alice@example.com", "ski");

    private readonly PostgresSchemaOfTest _schema = new(server);
    private readonly string _folder = Directory.CreateTempSubdirectory("store-test-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string FileName => Path.Combine(_folder, "imsidecar.db");

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return _schema.DisposeAsync();
    }

    [Fact]
    public async Task All_that_was_stored_is_there_and_goes_on()
    {
        var conference = Sample.Conference();
        ImmutableArray<PendingEffect> pending = [.. Sample.Effects.Select((each, i) => new PendingEffect(i + 1, each))];
        var message = Sample.PageMessage();
        var remembered = new RememberedDocument("W/1", Sample.Now, "<r/>"u8.ToArray());
        string secret;
        await using (var store = new SqliteConferenceStore(SqliteDatabase.Open(FileName), Given.StoreHealth()))
        {
            secret = Convert.ToHexString(store.NodeSecret.Value.Span);
            var changes = ConferenceChanges.Between(null, conference) with { AddedEffects = pending };
            Assert.True(await store.TrySaveAsync(conference.Id, 0, changes, Cancel));
            Assert.True(await store.TrySaveAsync(message.Id, 0, MessageChanges.Between(null, message), Cancel));
            var told = conference.Subscriptions.Values.Single() with { Version = 9, IsTold = false };
            conference = conference with { Revision = 43, Subscriptions = conference.Subscriptions.Set(told) };
            var progress = ConferenceChanges.Between(Sample.Conference(), conference);
            Assert.True(await store.TrySaveAsync(conference.Id, 42, progress, Cancel));
            await store.BootMemory.RememberAsync("k1", "b1", Cancel);
            await store.Documents.WriteAsync(
                new()
                {
                    Selector = _ski,
                    ExpectedETag = null,
                    Content = "<ski/>"u8.ToArray(),
                    ETag = "e1",
                    Modified = Sample.Now,
                    Groups = ["sip:ski@groups.example.com"],
                },
                Cancel);
            await store.RemoteDocuments.WriteAsync(Root, [new(_ski) { Document = remembered }], Cancel);
        }

        await using (var deferred = Deferred(new() { Path = FileName }))
        {
            for (var number = 1; number <= 3; number++)
            {
                Assert.Equal(Deferral.Kept, await deferred.AddAsync(
                    DeferredSample.Message("k" + number), DeferralQuota.None, Cancel));
            }

            Assert.Equal(1, await deferred.RemoveAsync(
                DeferredSample.Alice, [1], DeferredEnd.Deleted, DeferredSample.Now, Cancel));
        }

        var copied = (await Import().RunAsync(Cancel)).ToDictionary(each => each.Table, each => each.Rows);

        Assert.Equal((2L, (long)pending.Length, 1L, 2L), (copied["head"], copied["effect"], copied["document"], copied["message"]));
        var node = _schema.Open();
        Assert.Equal(secret, Convert.ToHexString(node.NodeSecret.Value.Span));
        Assert.Equal("b1", node.BootMemory.LastOf("k1"));
        Assert.Equal(
            Dump.Of(new StoredAggregate(conference, pending)),
            Dump.Of((await node.Aggregates.LoadAsync(conference.Id, Cancel))!));
        Assert.Equal(Dump.Of(message), Dump.Of((await node.Aggregates.LoadAsync(message.Id, Cancel))!.State));
        var group = await node.Documents.FindGroupAsync("sip:ski@groups.example.com", Cancel);
        Assert.Equal(new(_ski, "e1", Sample.Now, 6), group!.Entry);
        Assert.Equal("<ski/>", Encoding.UTF8.GetString(group.Content.Span));
        Assert.Equal("W/1", (await node.RemoteDocuments.ReadAsync(Root, _ski, Cancel))!.Tag);

        var after = conference with { Revision = 44, Participants = conference.Participants.Remove("p1") };
        Assert.True(await node.Aggregates.TrySaveAsync(
            after.Id, 43, ConferenceChanges.Between(conference, after) with { DoneEffects = [1] }, Cancel));
        Assert.Equal(
            Dump.Of(new StoredAggregate(after, pending[1..])),
            Dump.Of((await node.Aggregates.LoadAsync(after.Id, Cancel))!));
        await using var messages = Deferred(_schema.Options);
        Assert.Equal(2, (await messages.CountAllAsync(Cancel)).Messages);
        Assert.Equal(Deferral.Known, await messages.AddAsync(
            DeferredSample.Message("k2"), DeferralQuota.None, Cancel));
        Assert.Equal(Deferral.Kept, await messages.AddAsync(
            DeferredSample.Message("k4"), DeferralQuota.None, Cancel));
        var kept = await messages.ReadAsync(DeferredSample.Alice, 0, 9, long.MaxValue, DeferredSample.Now, Cancel);
        Assert.Equal(["k2", "k3", "k4"], kept.Select(each => each.Key));
    }

    [Fact]
    public async Task A_schema_that_holds_something_is_left_alone()
    {
        await new SqliteConferenceStore(SqliteDatabase.Open(FileName), Given.StoreHealth()).DisposeAsync();
        await _schema.Open().DisposeAsync();

        var error = await Assert.ThrowsAsync<StoreUnavailableException>(() => Import().RunAsync(Cancel));

        Assert.EndsWith("is not empty", error.Message, StringComparison.Ordinal);
        Assert.True(error.IsOfAnother);
    }

    [Fact]
    public async Task A_file_that_is_not_there_or_in_use_is_not_imported()
    {
        var error = await Assert.ThrowsAsync<StoreUnavailableException>(() => Import().RunAsync(Cancel));
        Assert.Equal($"there is no file {FileName}", error.Message);

        await using var store = new SqliteConferenceStore(SqliteDatabase.Open(FileName), Given.StoreHealth());
        error = await Assert.ThrowsAsync<StoreUnavailableException>(() => Import().RunAsync(Cancel));
        Assert.Contains("another process uses it", error.Message, StringComparison.Ordinal);
    }

    private StoreImport Import() => StoreImport.Of(
        new ConfigurationBuilder().AddInMemoryCollection(
        [
            new("Store:Connection", server.Connection), new("Store:Schema", _schema.Name),
        ]).Build(),
        FileName)!;

    private static DeferredMessageStore Deferred(StoreOptions options) => DeferredStoreServices.Open(
        new(), options, Given.StoreHealth(), NullLogger<DeferredMessageStore>.Instance);
}
