using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace ImSidecar.Server.Stores.Postgres;

/// <summary>Short forms for statements that go to the server together, in one round trip.</summary>
internal static class PostgresCommands
{
    // A longer key would not fit into an index.
    private const int LongestKey = 512;
    private const int Kept = 64;

    public static void Add(this NpgsqlBatch batch, string sql, params ReadOnlySpan<object> values)
    {
        var command = batch.CreateBatchCommand();
        command.CommandText = sql;
        foreach (var value in values)
            command.Parameters.Add(new() { Value = value });
        batch.BatchCommands.Add(command);
    }

    public static List<T> Rows<T>(this NpgsqlDataReader reader, Func<NpgsqlDataReader, T> read)
    {
        var rows = new List<T>();
        while (reader.Read())
            rows.Add(read(reader));
        reader.NextResult();
        return rows;
    }

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static string Text(this NpgsqlDataReader reader, int column) =>
        Encoding.UTF8.GetString(reader.GetFieldValue<byte[]>(column));

    /// <summary>A number in the order of numbers, a text as it is, or what stands for a long one.</summary>
    public static byte[] Key(object key)
    {
        if (key is long number)
            return Number(number);

        var text = Bytes((string)key);
        return text.Length <= LongestKey ? text : [.. text.AsSpan(0, Kept), .. SHA256.HashData(text)];
    }

    public static byte[] Number(long number)
    {
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        return bytes;
    }
}
