using System.Threading.Channels;
using ImSidecar.Server.Stores;
using ImSidecar.Server.Stores.Deferred.Postgres;
using ImSidecar.Server.Stores.Postgres;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImSidecar.Server.Tests.Stores.Deferred;

/// <summary>One node keeps something, the one that serves the user hears of it.</summary>
public sealed class WaitingNewsTests(PostgresServer server) : IClassFixture<PostgresServer>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Another_node_hears_for_whom_something_is_kept()
    {
        await using var here = Database();
        await using var there = Database();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var heard = Channel.CreateUnbounded<string?>();
        var listening = News(there).ListenAsync(user => heard.Writer.TryWrite(user), over.Token);

        Assert.Equal("sip:bob@example.com", await ToldAsync(News(here), heard.Reader));

        await over.CancelAsync();
        await listening;
    }

    [Fact]
    public async Task Whose_connection_was_away_looks_at_everything()
    {
        await using var here = Database();
        await using var there = Database();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var heard = Channel.CreateUnbounded<string?>();
        var listening = News(there).ListenAsync(user => heard.Writer.TryWrite(user), over.Token);
        await ToldAsync(News(here), heard.Reader);

        await server.RunAsync(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' OR query = 'SELECT 1'");

        while (await heard.Reader.ReadAsync(Cancel) is not null)
        {
        }

        Assert.Equal("sip:bob@example.com", await ToldAsync(News(here), heard.Reader));
        await over.CancelAsync();
        await listening;
    }

    [Fact]
    public async Task That_nobody_can_be_told_breaks_nothing()
    {
        await using var nowhere = new PostgresDatabase(PlaceOf("Host=127.0.0.1;Port=1;Username=nobody"), NullLogger.Instance);

        await News(nowhere).TellAsync("sip:bob@example.com");
    }

    // Nobody says when a LISTEN has begun: it is said until it is heard.
    private static async Task<string?> ToldAsync(PostgresWaitingNews news, ChannelReader<string?> heard)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        string? user;
        while (!heard.TryRead(out user))
        {
            await news.TellAsync("sip:bob@example.com");
            await tick.WaitForNextTickAsync(Cancel);
        }

        return user;
    }

    private static PostgresWaitingNews News(PostgresDatabase database) => new(database, NullLogger.Instance);

    private PostgresDatabase Database() => new(PlaceOf(server.Connection), NullLogger.Instance);

    private static PostgresPlace PlaceOf(string connection) =>
        PostgresPlace.Of(new StoreOptions { Connection = connection, Schema = "news_of_users" })!;
}
