using System.Collections.Concurrent;
using System.Text;
using ImSidecar.Protocol.Xdm;
using ImSidecar.Server.Stores;
using ImSidecar.Server.Stores.Postgres;
using ImSidecar.Server.Tests.Stores.Deferred;
using ImSidecar.Server.Xdm.Embedded;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImSidecar.Server.Tests.Stores.Postgres;

/// <summary>What one node writes the others hear of, and they read it as it is now.</summary>
[Collection(nameof(PostgresServer))]
public sealed class PostgresDocumentNewsTests(PostgresServer server) : IAsyncLifetime
{
    private const string Ski = "sip:ski@groups.example.com";
    private static readonly DocumentSelector _ski = new(ApplicationUsage.Groups, "sip:alice@example.com", "ski");
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private readonly PostgresSchemaOfTest _schema = new(server);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _schema.DisposeAsync();

    [Fact]
    public async Task A_change_is_told_on_the_other_nodes_once_and_what_they_keep_is_dropped()
    {
        using var here = Documents(_schema.Open());
        using var there = Documents(_schema.Open());
        var told = Told(there);
        var toldHere = Told(here);
        Assert.Null(await there.FindAsync(_ski, Cancel));
        Assert.Null(await there.FindAsync(DocumentSelector.OfGroup(Ski), Cancel));

        await PutAsync(here, "<one/>", "e1", null);
        await UntilAsync(() => told.Count >= 2);
        Assert.Equal("e1", (await there.FindAsync(_ski, Cancel))!.Entry.ETag);
        Assert.Equal("e1", (await there.FindAsync(DocumentSelector.OfGroup(Ski), Cancel))!.Entry.ETag);
        await here.WriteAsync(new() { Selector = _ski, ExpectedETag = "e1" }, Cancel);
        await UntilAsync(() => told.Count >= 4);

        Assert.Null(await there.FindAsync(_ski, Cancel));
        Assert.Null(await there.FindAsync(DocumentSelector.OfGroup(Ski), Cancel));
        DocumentSelector[] both = [_ski, DocumentSelector.OfGroup(Ski)];
        Assert.Equal([.. both, .. both], told);
        // Who wrote it has told it himself.
        Assert.Equal([.. both, .. both], toldHere);
    }

    [Fact]
    public async Task What_was_written_while_the_way_to_the_server_was_broken_is_told_afterwards()
    {
        using var here = Documents(_schema.Open());
        using var there = Documents(_schema.Open());
        await PutAsync(here, "<one/>", "e1", null);
        await UntilAsync(async () => (await there.FindAsync(_ski, Cancel))?.Entry.ETag == "e1");

        await server.StopAsync();
        await server.StartAsync();
        // Its own writer finds the way again at once; who listens may take a moment more.
        await PutAsync(here, "<two/>", "e2", "e1");

        await UntilAsync(async () => (await there.FindAsync(_ski, Cancel))!.Entry.ETag == "e2");
    }

    [Fact]
    public async Task Who_has_missed_too_much_forgets_all()
    {
        using var here = Documents(_schema.Open());
        using var there = Documents(_schema.Open());
        await PutAsync(here, "<one/>", "e1", null);
        await UntilAsync(async () => (await there.FindAsync(_ski, Cancel))?.Entry.ETag == "e1");
        var told = Told(there);

        await _schema.RunAsync(
            "UPDATE document SET etag = 'e9'; "
            + "ALTER TABLE change ALTER COLUMN number RESTART WITH 50000; "
            + "INSERT INTO change (origin, owner, auid, path, groups) VALUES ('x', '', '', '', '{}')");

        await UntilAsync(async () => (await there.FindAsync(_ski, Cancel))!.Entry.ETag == "e9");
        await UntilAsync(() => told.Contains(_ski) && told.Contains(DocumentSelector.OfGroup(Ski)));
    }

    private static EmbeddedDocuments Documents(PostgresStore store) => new(
        store.Documents, Microsoft.Extensions.Options.Options.Create(new XcapServerOptions()),
        NullLogger<EmbeddedDocuments>.Instance);

    private static ConcurrentQueue<DocumentSelector> Told(EmbeddedDocuments documents)
    {
        var told = new ConcurrentQueue<DocumentSelector>();
        documents.Changed += told.Enqueue;
        return told;
    }

    private static async Task PutAsync(EmbeddedDocuments documents, string content, string etag, string? expected)
    {
        var outcome = await documents.WriteAsync(
            new()
            {
                Selector = _ski,
                ExpectedETag = expected,
                Content = Encoding.UTF8.GetBytes(content),
                ETag = etag,
                Groups = [Ski],
            },
            Cancel);
        Assert.Equal(DocumentResult.Written, outcome.Result);
    }

    private static Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        timeout.CancelAfter(_patience);
        while (!await condition())
            await Task.Delay(20, timeout.Token);
    }
}
