using ImSidecar.Core.Conferences;
using ImSidecar.Server.Stores.Sqlite;
using Npgsql;
using NpgsqlTypes;

namespace ImSidecar.Server.Stores.Postgres;

/// <summary>What of a SQLite file goes into a table of PostgreSQL, column by column.</summary>
internal sealed record ImportedTable(string Name, string Columns, string Select, params ImportedColumn[] Types)
{
    private static readonly ImportedColumn[] _part =
        [ImportedColumn.Text, ImportedColumn.Small, ImportedColumn.Key, ImportedColumn.Integer, ImportedColumn.Bytes];

    public static IReadOnlyList<ImportedTable> All { get; } =
    [
        new("meta", "name, value", "SELECT name, value FROM meta WHERE name <> 'probe'",
            ImportedColumn.Text, ImportedColumn.Bytes),
        new("head", "id, slot, revision, format, body", "SELECT id, id, revision, format, body FROM conference",
            ImportedColumn.Text, ImportedColumn.Slot, ImportedColumn.Number, ImportedColumn.Integer,
            ImportedColumn.Bytes),
        .. Enum.GetValues<PartTable>().Where(table => table != PartTable.Effect).Select(table => new ImportedTable(
            "part", "id, kind, key, format, body", OfParts(table, $"{(int)table}, key"), _part)),
        new("effect", "id, key, format, body", OfParts(PartTable.Effect, "key"),
            ImportedColumn.Text, ImportedColumn.Number, ImportedColumn.Integer, ImportedColumn.Bytes),
        new("document", "owner, auid, path, etag, modified, size, body",
            "SELECT owner, auid, path, etag, modified, size, body FROM document",
            ImportedColumn.Bytes, ImportedColumn.Bytes, ImportedColumn.Bytes, ImportedColumn.Text,
            ImportedColumn.Number, ImportedColumn.Number, ImportedColumn.Bytes),
        new("group_uri", "uri, owner, auid, path",
            "SELECT uri, owner, auid, path FROM group_uri JOIN document ON number = document",
            ImportedColumn.Bytes, ImportedColumn.Bytes, ImportedColumn.Bytes, ImportedColumn.Bytes),
        new("remote_document", "root, owner, auid, path, tag, confirmed, body",
            "SELECT root, owner, auid, path, tag, confirmed, body FROM remote_document",
            ImportedColumn.Bytes, ImportedColumn.Bytes, ImportedColumn.Bytes, ImportedColumn.Bytes,
            ImportedColumn.Text, ImportedColumn.Number, ImportedColumn.Bytes),
    ];

    /// <summary>Of the file with the deferred messages; the totals are the sum of the boxes.</summary>
    public static IReadOnlyList<ImportedTable> Deferred { get; } =
    [
        new("box", "owner, messages, bytes, last, waits", "SELECT owner, messages, bytes, last, waits FROM box",
            ImportedColumn.Bytes, ImportedColumn.Number, ImportedColumn.Number, ImportedColumn.Number,
            ImportedColumn.Boolean),
        new("message",
            "owner, number, digest, received, expires, anonymous, tells, sip_size, size, key, sender, recipient, "
            + "notices, key_id, subject, content",
            "SELECT owner, number, digest, received, expires, anonymous, tells, sip_size, size, key, sender, recipient, "
            + "notices, key_id, subject, content FROM message",
            ImportedColumn.Bytes, ImportedColumn.Number, ImportedColumn.Bytes, ImportedColumn.Number,
            ImportedColumn.Number, ImportedColumn.Boolean, ImportedColumn.Integer, ImportedColumn.Number,
            ImportedColumn.Number, ImportedColumn.Bytes, ImportedColumn.Text, ImportedColumn.Text,
            ImportedColumn.Bytes, ImportedColumn.Text, ImportedColumn.Bytes, ImportedColumn.Bytes),
        new("past", "owner, digest, until", "SELECT owner, digest, until FROM past",
            ImportedColumn.Bytes, ImportedColumn.Bytes, ImportedColumn.Number),
        new("notice", "number, ending, at, sender, recipient, asked",
            "SELECT number, \"end\", at, sender, recipient, asked FROM notice",
            ImportedColumn.Number, ImportedColumn.Integer, ImportedColumn.Number, ImportedColumn.Text,
            ImportedColumn.Text, ImportedColumn.Bytes),
    ];

    /// <summary>The number of rows.</summary>
    public async Task<long> CopyAsync(SqliteDatabase from, NpgsqlConnection to, CancellationToken cancellation)
    {
        await using var command = from.Writer.CreateCommand();
        command.CommandText = Select;
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await using var writer = await to.BeginBinaryImportAsync(
            $"COPY {Name} ({Columns}) FROM STDIN (FORMAT BINARY)", cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            await writer.StartRowAsync(cancellation);
            for (var i = 0; i < Types.Length; i++)
                await WriteAsync(writer, Types[i], reader.GetValue(i), cancellation);
        }

        return (long)await writer.CompleteAsync(cancellation);
    }

    private static Task WriteAsync(
        NpgsqlBinaryImporter writer, ImportedColumn column, object value, CancellationToken cancellation) =>
        value is DBNull ? writer.WriteNullAsync(cancellation) : column switch
        {
            ImportedColumn.Text => writer.WriteAsync((string)value, NpgsqlDbType.Text, cancellation),
            ImportedColumn.Bytes => writer.WriteAsync(
                value as byte[] ?? PostgresCommands.Bytes((string)value), NpgsqlDbType.Bytea, cancellation),
            ImportedColumn.Key => writer.WriteAsync(PostgresCommands.Key(value), NpgsqlDbType.Bytea, cancellation),
            ImportedColumn.Number => writer.WriteAsync((long)value, NpgsqlDbType.Bigint, cancellation),
            ImportedColumn.Integer => writer.WriteAsync((int)(long)value, NpgsqlDbType.Integer, cancellation),
            ImportedColumn.Small => writer.WriteAsync((short)(long)value, NpgsqlDbType.Smallint, cancellation),
            ImportedColumn.Boolean => writer.WriteAsync((long)value != 0, NpgsqlDbType.Boolean, cancellation),
            _ => writer.WriteAsync(
                (short)Slot.Of(new((string)value)).Number, NpgsqlDbType.Smallint, cancellation),
        };

    private static string OfParts(PartTable table, string columns) =>
        $"SELECT c.id, {columns}, p.format, p.body FROM {StoredPart.Name(table)} p "
        + "JOIN conference c ON c.number = p.conference";
}

/// <summary>How a value of SQLite is written; Key and Slot are made of it.</summary>
internal enum ImportedColumn
{
    Text,
    Bytes,
    Key,
    Number,
    Integer,
    Small,
    Boolean,
    Slot,
}
