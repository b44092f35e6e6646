using System.Diagnostics;
using System.Globalization;
using ImSidecar.Core.Conferences;
using ImSidecar.Server.Lifecycle;
using ImSidecar.Server.Stores.Sqlite;
using ImSidecar.Server.Tests.Lifecycle;
using ImSidecar.Server.Tests.Stores.Deferred;

namespace ImSidecar.Server.Tests.Stores.Postgres;

/// <summary>The program with Store:Connection: it moves to PostgreSQL, starts there, or says in a line why it cannot.</summary>
[Collection(nameof(PostgresServer))]
public sealed class PostgresStartTests(PostgresServer server) : IAsyncLifetime
{
    private readonly PostgresSchemaOfTest _schema = new(server);
    private readonly RunOfSidecar _sidecar = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string[] Keys => [$"--Store:Connection={server.Connection}", $"--Store:Schema={_schema.Name}"];

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        _sidecar.Dispose();
        return _schema.DisposeAsync();
    }

    [Fact]
    public async Task A_sidecar_moves_from_SQLite_to_PostgreSQL_and_starts_there()
    {
        await using (var file = new SqliteConferenceStore(
            SqliteDatabase.Open(_sidecar.PathOf("imsidecar.db")), Given.StoreHealth()))
        {
            var changes = ConferenceChanges.Between(null, Sample.Conference());
            Assert.True(await file.TrySaveAsync(new("room1"), 0, changes, Cancel));
        }

        var (code, output, errors) = await _sidecar.ToEndAsync(
            [.. Keys, "--import-sqlite", _sidecar.PathOf("imsidecar.db")]);
        Assert.Equal((ExitCode.Done, ""), (code, string.Join('\n', errors)));
        Assert.Contains("head: 1\n", output, StringComparison.Ordinal);

        using var process = _sidecar.Start(Keys);
        var log = process.StandardOutput.ReadToEndAsync(Cancel);
        await _sidecar.UntilListensAsync();

        using (var kill = Process.Start("kill", [process.Id.ToString(CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        Assert.True(process.ExitCode == ExitCode.Done, await log + await process.StandardError.ReadToEndAsync(Cancel));
        Assert.Contains("Conferences are kept in PostgreSQL 127.0.0.1:", await log, StringComparison.Ordinal);
        Assert.Contains("Deferred messages are kept in PostgreSQL 127.0.0.1:", await log, StringComparison.Ordinal);
        Assert.NotNull(await _schema.Open().Aggregates.LoadAsync(new("room1"), Cancel));
    }

    [Fact]
    public async Task A_server_that_is_away_may_come_back()
    {
        var (code, _, errors) = await _sidecar.ToEndAsync(
            "--Store:Connection=Host=127.0.0.1;Port=1;Username=im;Database=im", "--Store:Schema=im");

        Assert.Equal(ExitCode.Unavailable, code);
        Assert.StartsWith(
            "imsidecar: Store:Connection: cannot use PostgreSQL 127.0.0.1:1, database im, schema im: ",
            Assert.Single(errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_schema_of_a_newer_release_stays_one()
    {
        await _schema.Open().DisposeAsync();
        await _schema.RunAsync("UPDATE version SET version = 77");

        var (code, _, errors) = await _sidecar.ToEndAsync(Keys);

        Assert.Equal(ExitCode.Configuration, code);
        Assert.Contains("newer release (schema 77", Assert.Single(errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_there_is_no_place_for_is_not_imported()
    {
        var (code, _, errors) = await _sidecar.ToEndAsync("--import-sqlite", _sidecar.PathOf("imsidecar.db"));

        Assert.Equal(ExitCode.Configuration, code);
        Assert.StartsWith("imsidecar: Store:Connection is not set", Assert.Single(errors), StringComparison.Ordinal);
    }
}
