using Microsoft.Data.Sqlite;

namespace ImSidecar.Server.Stores.Sqlite;

/// <summary>Writes documents within the transaction of the writer.</summary>
internal sealed class SqliteDocumentTable(SqliteConnection connection) : IDisposable
{
    private readonly SqliteCommand _find = connection.Prepared(
        "SELECT number, etag, size FROM document WHERE owner = ?1 AND auid = ?2 AND path = ?3", 3);

    private readonly SqliteCommand _groups = connection.Prepared("SELECT uri FROM group_uri WHERE document = ?1", 1);

    private readonly SqliteCommand _holder = connection.Prepared("SELECT document FROM group_uri WHERE uri = ?1", 1);

    private readonly SqliteCommand _usage = connection.Prepared(
        "SELECT count(*), coalesce(sum(size), 0) FROM document WHERE owner = ?1", 1);

    private readonly SqliteCommand _groupCount = connection.Prepared(
        "SELECT count(*) FROM document JOIN group_uri ON document = number WHERE owner = ?1", 1);

    private readonly SqliteCommand _insert = connection.Prepared(
        "INSERT INTO document (owner, auid, path, etag, modified, size, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) "
        + "RETURNING number", 7);

    private readonly SqliteCommand _update = connection.Prepared(
        "UPDATE document SET etag = ?2, modified = ?3, size = ?4, body = ?5 WHERE number = ?1", 5);

    private readonly SqliteCommand _delete = connection.Prepared("DELETE FROM document WHERE number = ?1", 1);

    private readonly SqliteCommand _addGroup = connection.Prepared(
        "INSERT INTO group_uri (uri, document) VALUES (?1, ?2)", 2);

    private readonly SqliteCommand _removeGroups = connection.Prepared("DELETE FROM group_uri WHERE document = ?1", 1);

    public bool TryWrite(DocumentSave save)
    {
        save.Result = Write(save.Write);
        return save.Result.Result == DocumentResult.Written;
    }

    public void Dispose()
    {
        SqliteCommand[] commands =
            [_find, _groups, _holder, _usage, _groupCount, _insert, _update, _delete, _addGroup, _removeGroups];
        foreach (var command in commands)
            command.Dispose();
    }

    private DocumentOutcome Write(DocumentWrite write)
    {
        var (number, etag, size) = Find(write);
        if (etag != write.ExpectedETag)
            return DocumentOutcome.Of(DocumentResult.Changed);

        var former = number == 0 ? [] : GroupsOf(number);
        if (write.Content is not { } content)
        {
            _delete.With(number).ExecuteNonQuery();
            return new(DocumentResult.Written, former);
        }

        if (write.Groups.FirstOrDefault(uri => IsTaken(uri, number)) is { } taken)
            return new(DocumentResult.GroupTaken, former, taken);

        if (Exceeds(write, isNew: number == 0, content.Length - size, write.Groups.Count - former.Count) is { } result)
            return new(result, former);

        number = Write(number, write, content);
        if (write.Groups.Count > 0 || former.Count > 0)
            WriteGroups(number, write.Groups);
        return new(DocumentResult.Written, former);
    }

    private (long Number, string? ETag, long Size) Find(DocumentWrite write)
    {
        var selector = write.Selector;
        using var reader = _find.With(selector.User ?? "", selector.Auid, selector.Path).ExecuteReader();
        return reader.Read() ? (reader.GetInt64(0), reader.GetString(1), reader.GetInt64(2)) : default;
    }

    private List<string> GroupsOf(long number)
    {
        using var reader = _groups.With(number).ExecuteReader();
        var groups = new List<string>();
        while (reader.Read())
            groups.Add(reader.GetString(0));
        return groups;
    }

    private bool IsTaken(string uri, long number) =>
        _holder.With(uri).ExecuteScalar() is long holder && holder != number;

    // Only what grows is refused: who is beyond a limit that was lowered can still shrink.
    private DocumentResult? Exceeds(DocumentWrite write, bool isNew, long moreBytes, int moreGroups)
    {
        var owner = write.Selector.User ?? "";
        if (isNew || moreBytes > 0)
        {
            using var reader = _usage.With(owner).ExecuteReader();
            reader.Read();
            if (isNew && reader.GetInt64(0) >= write.Quota.Documents)
                return DocumentResult.TooManyDocuments;

            if (moreBytes > 0 && reader.GetInt64(1) + moreBytes > write.Quota.Bytes)
                return DocumentResult.TooManyBytes;
        }

        return moreGroups > 0 && (long)_groupCount.With(owner).ExecuteScalar()! + moreGroups > write.Quota.Groups
            ? DocumentResult.TooManyGroups
            : null;
    }

    private long Write(long number, DocumentWrite write, ReadOnlyMemory<byte> content)
    {
        var selector = write.Selector;
        var modified = write.Modified.ToUnixTimeMilliseconds();
        var body = content.ToArray();
        if (number == 0)
            return (long)_insert
                .With(selector.User ?? "", selector.Auid, selector.Path, write.ETag, modified, body.Length, body)
                .ExecuteScalar()!;

        _update.With(number, write.ETag, modified, body.Length, body).ExecuteNonQuery();
        return number;
    }

    private void WriteGroups(long number, IReadOnlyList<string> groups)
    {
        _removeGroups.With(number).ExecuteNonQuery();
        foreach (var uri in groups)
            _addGroup.With(uri, number).ExecuteNonQuery();
    }
}
