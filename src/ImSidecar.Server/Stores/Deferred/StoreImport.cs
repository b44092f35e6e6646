using ImSidecar.Server.Stores.Postgres;
using Microsoft.Extensions.Configuration;

namespace ImSidecar.Server.Stores.Deferred;

/// <summary>What an import copies, and where to.</summary>
internal sealed record StoreImport(string File, string? Deferred, PostgresPlace Place)
{
    private const string DeferredFile = "deferred.db";

    /// <summary>Null: the configuration names no PostgreSQL.</summary>
    public static StoreImport? Of(IConfiguration configuration, string file)
    {
        var store = configuration.GetSection(StoreOptions.Section).Get<StoreOptions>() ?? new();
        if (PostgresPlace.Of(store) is not { } place)
            return null;

        // Those with a place of their own stay there.
        var options = configuration.GetSection(DeferredStoreOptions.Section).Get<DeferredStoreOptions>() ?? new();
        var beside = Path.Combine(Path.GetDirectoryName(file)!, DeferredFile);
        return new(file, options.Connection.Length == 0 && System.IO.File.Exists(beside) ? beside : null, place);
    }

    public async Task<IReadOnlyList<(string Table, long Rows)>> RunAsync(CancellationToken cancellation)
    {
        var copied = await SqliteImport.RunAsync(File, Deferred, Place, cancellation);
        // The kinds of parts share a table.
        return [.. copied.GroupBy(each => each.Table).Select(each => (each.Key, each.Sum(rows => rows.Rows)))];
    }
}
