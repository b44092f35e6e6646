using Npgsql;
using NpgsqlTypes;

namespace ImSidecar.Server.Stores.Postgres;

/// <summary>A statement that is prepared once for a connection, with parameters $1 to $n.</summary>
internal sealed class PostgresStatement : IDisposable
{
    public const NpgsqlDbType Bytes = NpgsqlDbType.Array | NpgsqlDbType.Bytea;
    public const NpgsqlDbType Numbers = NpgsqlDbType.Array | NpgsqlDbType.Bigint;
    public const NpgsqlDbType Integers = NpgsqlDbType.Array | NpgsqlDbType.Integer;
    public const NpgsqlDbType Booleans = NpgsqlDbType.Array | NpgsqlDbType.Boolean;
    public const NpgsqlDbType Texts = NpgsqlDbType.Array | NpgsqlDbType.Text;
    public const NpgsqlDbType Number = NpgsqlDbType.Bigint;

    private readonly NpgsqlCommand _command;

    public PostgresStatement(NpgsqlConnection connection, string sql, params ReadOnlySpan<NpgsqlDbType> types)
    {
        _command = new(sql, connection);
        foreach (var type in types)
            _command.Parameters.Add(new() { NpgsqlDbType = type });
        _command.Prepare();
    }

    public void Run(params ReadOnlySpan<object> values) => With(values).ExecuteNonQuery();

    public List<T> Read<T>(Func<NpgsqlDataReader, T> read, params ReadOnlySpan<object> values)
    {
        using var reader = With(values).ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
            rows.Add(read(reader));
        return rows;
    }

    public void Dispose() => _command.Dispose();

    private NpgsqlCommand With(ReadOnlySpan<object> values)
    {
        for (var i = 0; i < values.Length; i++)
            _command.Parameters[i].Value = values[i];
        return _command;
    }
}
