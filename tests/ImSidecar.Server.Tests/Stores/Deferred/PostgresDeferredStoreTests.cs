using ImSidecar.Server.Stores.Deferred;

namespace ImSidecar.Server.Tests.Stores.Deferred;

/// <summary>The contract on a real PostgreSQL, each test in a schema of its own.</summary>
[Collection(nameof(PostgresServer))]
public sealed class PostgresDeferredStoreTests(PostgresServer server) : DeferredStoreContract
{
    private readonly string _schema = "t_" + Guid.NewGuid().ToString("N");

    private protected override DeferredStoreOptions Place => new() { Connection = server.Connection, Schema = _schema };

    private protected override int Histories => 5;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await server.RunAsync($"DROP SCHEMA {_schema} CASCADE");
    }

    private protected override async Task<long> ScalarAsync(string sql) =>
        (long)(await RunInSchemaAsync(sql))!;

    private protected override async Task<byte[]> BytesAsync(string sql) => (byte[])(await RunInSchemaAsync(sql))!;

    private protected override Task RunAsync(string sql) => RunInSchemaAsync(sql);

    private protected override string Literal(byte[] bytes) => $"'\\x{Convert.ToHexString(bytes)}'::bytea";

    private Task<object?> RunInSchemaAsync(string sql) => server.RunAsync($"SET search_path = {_schema}; {sql}");
}
