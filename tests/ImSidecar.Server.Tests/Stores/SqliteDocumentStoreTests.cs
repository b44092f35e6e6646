using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Xdm;
using ImSidecar.Server.Stores;
using ImSidecar.Server.Stores.Sqlite;

namespace ImSidecar.Server.Tests.Stores;

/// <summary>The contract on a SQLite file, and documents beside conferences.</summary>
public sealed class SqliteDocumentStoreTests : DocumentStoreContract, IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("store-test-").FullName;
    private SqliteConferenceStore _store;

    public SqliteDocumentStoreTests() => _store = Open();

    private protected override IDocumentStore Store => _store.Documents;

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Documents_and_conferences_share_the_writer()
    {
        var conference = Sample.Conference();
        var saves = Enumerable.Range(0, 100).Select(number => Task.Run(async () =>
        {
            var document = await Store.WriteAsync(
                new()
                {
                    Selector = new(ApplicationUsage.ResourceLists, "sip:user" + number, "index"),
                    ExpectedETag = null,
                    Content = "<a/>"u8.ToArray(),
                    ETag = "e",
                },
                Cancel);
            return document.Result == DocumentResult.Written;
        }));
        var changes = ConferenceChanges.Between(null, conference);
        var conferenceSaved = _store.TrySaveAsync(conference.Id, 0, changes, Cancel);

        Assert.All(await Task.WhenAll(saves), Assert.True);
        Assert.True(await conferenceSaved);
    }

    private protected override async Task<IDocumentStore> ReopenAsync()
    {
        await _store.DisposeAsync();
        _store = Open();
        return Store;
    }

    private SqliteConferenceStore Open() =>
        new(SqliteDatabase.Open(Path.Combine(_folder, "conferences.db")), Given.StoreHealth());
}
