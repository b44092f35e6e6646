using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using ImSidecar.Server.Gateway;

namespace ImSidecar.Server.Stores.Postgres;

/// <summary>What all nodes share beside the aggregates: the secret, and the boots that they have dealt with.</summary>
internal sealed class PostgresMeta : IBootMemory
{
    // Followed by the name of the instance, as in SQLite.
    private const string Boot = "link-boot";
    private const string Secret = "node-secret";

    private readonly PostgresDatabase _database;
    private readonly ConcurrentDictionary<string, string> _last;

    private PostgresMeta(PostgresDatabase database, byte[] secret, IEnumerable<KeyValuePair<string, string>> boots)
    {
        _database = database;
        NodeSecret = new(secret);
        _last = new(boots, StringComparer.Ordinal);
    }

    public NodeSecret NodeSecret { get; }

    public static async Task<PostgresMeta> OpenAsync(PostgresDatabase database, CancellationToken cancellation)
    {
        var secret = await FindAsync(database, Secret, cancellation);
        if (secret is null)
        {
            // Of several nodes that start at once the first one chooses.
            await WriteAsync(
                database, Secret, RandomNumberGenerator.GetBytes(NodeSecret.Length), "NOTHING", cancellation);
            secret = await FindAsync(database, Secret, cancellation);
        }

        var boots = await database.ReadAsync(
            "SELECT name, value FROM meta WHERE name >= $1 AND name < $2",
            reader => KeyValuePair.Create(reader.GetString(0), reader.Text(1)), cancellation, Boot, Boot + ";");
        return new(database, secret!, boots);
    }

    public string? LastOf(string instance) => _last.GetValueOrDefault(NameOf(instance));

    public async ValueTask RememberAsync(string instance, string boot, CancellationToken cancellation)
    {
        var name = NameOf(instance);
        await WriteAsync(
            _database, name, Encoding.UTF8.GetBytes(boot), "UPDATE SET value = excluded.value", cancellation);
        _last[name] = boot;
    }

    private static string NameOf(string instance) => instance.Length == 0 ? Boot : Boot + ":" + instance;

    private static async Task<byte[]?> FindAsync(PostgresDatabase database, string name, CancellationToken cancellation)
    {
        var found = await database.ReadAsync(
            "SELECT value FROM meta WHERE name = $1", reader => reader.GetFieldValue<byte[]>(0), cancellation, name);
        return found.Count == 0 ? null : found[0];
    }

    private static async Task WriteAsync(
        PostgresDatabase database, string name, byte[] value, string otherwise, CancellationToken cancellation) =>
        await database.ReadAsync(
            $"INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO {otherwise}", _ => 0,
            cancellation, name, value);
}
