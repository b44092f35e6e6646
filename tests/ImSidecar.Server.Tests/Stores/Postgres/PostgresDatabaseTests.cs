using ImSidecar.Server.Stores;
using ImSidecar.Server.Stores.Postgres;
using ImSidecar.Server.Tests.Stores.Deferred;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImSidecar.Server.Tests.Stores.Postgres;

/// <summary>Its connections: those that read go on as they are, the others are clean when somebody else has them.</summary>
[Collection(nameof(PostgresServer))]
public sealed class PostgresDatabaseTests(PostgresServer server)
{
    private const string Mark = "SELECT set_config('imsidecar.mark', 'here', false)";
    private const string Look = "SELECT coalesce(current_setting('imsidecar.mark', true), '')";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_reads_finds_the_session_as_it_was_left()
    {
        // One of five reads.
        await using var database = Open(";Maximum Pool Size=5");

        await ReadAsync(database, Mark);

        Assert.Equal("here", await ReadAsync(database, Look));
    }

    [Fact]
    public async Task What_somebody_else_has_set_is_gone()
    {
        await using var database = Open(";Maximum Pool Size=1");

        await using (var first = await database.OpenAsync(Cancel))
        await using (var mark = new Npgsql.NpgsqlCommand(Mark, first))
            Assert.Equal("here", await mark.ExecuteScalarAsync(Cancel));

        await using var next = await database.OpenAsync(Cancel);
        await using var look = new Npgsql.NpgsqlCommand(Look, next);
        Assert.Equal("", await look.ExecuteScalarAsync(Cancel));
        Assert.Equal("", await ReadAsync(database, Look));
    }

    private static async Task<string> ReadAsync(PostgresDatabase database, string sql) =>
        Assert.Single(await database.ReadAsync(sql, row => row.GetString(0), Cancel));

    private PostgresDatabase Open(string more) => new(
        PostgresPlace.Of(new StoreOptions { Connection = server.Connection + more, Schema = "public" })!,
        NullLogger.Instance);
}
