using ImSidecar.Core.Conferences;
using ImSidecar.Server.Stores.Format;
using Npgsql;

namespace ImSidecar.Server.Stores.Postgres;

/// <summary>The statements that write drafts, each once for all of them: first what goes, then what comes.</summary>
internal static class PostgresDraftRows
{
    public static void AddTo(NpgsqlBatch batch, IReadOnlyList<PostgresDraft> drafts)
    {
        AddDeleted(batch, [.. drafts.Where(draft => draft.Deletes).Select(draft => draft.Id.Value)]);
        // In order, as they are locked.
        AddInserted(
            batch, [.. drafts.Where(draft => draft.Inserts).OrderBy(draft => draft.Id.Value, StringComparer.Ordinal)]);
        AddUpdated(batch, [.. drafts.Where(draft => draft.Updates)]);
        AddAdvanced(batch, [.. drafts.Where(draft => draft.Advances)]);
        AddRemoved(batch, [.. drafts.SelectMany(
            draft => draft.Removed, (draft, part) => (draft, part.Table, part.Key))]);
        AddWritten(batch, [.. drafts.SelectMany(
            draft => draft.Written, (draft, part) => (draft, part.Table, part.Key, part.Body))]);
        AddDone(batch, [.. drafts.SelectMany(draft => draft.Done, (draft, key) => (draft, key))]);
        AddEffects(batch, [.. drafts.SelectMany(draft => draft.Added, (draft, effect) => (draft, effect))]);
    }

    private static void AddDeleted(NpgsqlBatch batch, string[] ids)
    {
        if (ids.Length == 0)
            return;

        batch.Add("DELETE FROM part WHERE id = ANY ($1)", (object)ids);
        batch.Add("DELETE FROM effect WHERE id = ANY ($1)", (object)ids);
        batch.Add("DELETE FROM head WHERE id = ANY ($1)", (object)ids);
    }

    private static void AddInserted(NpgsqlBatch batch, PostgresDraft[] drafts)
    {
        if (drafts.Length == 0)
            return;

        batch.Add(
            $"""
            INSERT INTO head (id, slot, revision, format, body)
            SELECT id, slot, revision, {StoredFormat.Current}, body
            FROM unnest($1, $2, $3, $4) AS a (id, slot, revision, body)
            """,
            Ids(drafts), drafts.Select(draft => (short)Slot.Of(draft.Id).Number).ToArray(), Revisions(drafts),
            drafts.Select(draft => draft.Head!).ToArray());
    }

    private static void AddUpdated(NpgsqlBatch batch, PostgresDraft[] drafts)
    {
        if (drafts.Length == 0)
            return;

        batch.Add(
            $"""
            UPDATE head h SET revision = a.revision, format = {StoredFormat.Current}, body = a.body
            FROM unnest($1, $2, $3) AS a (id, revision, body) WHERE h.id = a.id
            """,
            Ids(drafts), Revisions(drafts), drafts.Select(draft => draft.Head!).ToArray());
    }

    private static void AddAdvanced(NpgsqlBatch batch, PostgresDraft[] drafts)
    {
        if (drafts.Length == 0)
            return;

        batch.Add(
            "UPDATE head h SET revision = a.revision FROM unnest($1, $2) AS a (id, revision) WHERE h.id = a.id",
            Ids(drafts), Revisions(drafts));
    }

    private static void AddRemoved(NpgsqlBatch batch, (PostgresDraft Draft, PartTable Table, object Key)[] parts)
    {
        if (parts.Length == 0)
            return;

        batch.Add(
            """
            DELETE FROM part p USING unnest($1, $2, $3) AS a (id, kind, key)
            WHERE p.id = a.id AND p.kind = a.kind AND p.key = a.key
            """,
            parts.Select(part => part.Draft.Id.Value).ToArray(), parts.Select(part => (short)part.Table).ToArray(),
            parts.Select(part => PostgresCommands.Key(part.Key)).ToArray());
    }

    private static void AddWritten(
        NpgsqlBatch batch, (PostgresDraft Draft, PartTable Table, object Key, byte[] Body)[] parts)
    {
        if (parts.Length == 0)
            return;

        batch.Add(
            $"""
            INSERT INTO part (id, kind, key, format, body)
            SELECT id, kind, key, {StoredFormat.Current}, body FROM unnest($1, $2, $3, $4) AS a (id, kind, key, body)
            ON CONFLICT (id, kind, key) DO UPDATE SET format = excluded.format, body = excluded.body
            """,
            parts.Select(part => part.Draft.Id.Value).ToArray(), parts.Select(part => (short)part.Table).ToArray(),
            parts.Select(part => PostgresCommands.Key(part.Key)).ToArray(), parts.Select(part => part.Body).ToArray());
    }

    private static void AddDone(NpgsqlBatch batch, (PostgresDraft Draft, long Key)[] done)
    {
        if (done.Length == 0)
            return;

        batch.Add(
            "DELETE FROM effect e USING unnest($1, $2) AS a (id, key) WHERE e.id = a.id AND e.key = a.key",
            done.Select(each => each.Draft.Id.Value).ToArray(), done.Select(each => each.Key).ToArray());
    }

    // An effect is never written twice: a number that is there already is a fault, not a change.
    private static void AddEffects(NpgsqlBatch batch, (PostgresDraft Draft, KeyValuePair<long, byte[]> Effect)[] added)
    {
        if (added.Length == 0)
            return;

        batch.Add(
            $"""
            INSERT INTO effect (id, key, format, body)
            SELECT id, key, {StoredFormat.Current}, body FROM unnest($1, $2, $3) AS a (id, key, body)
            """,
            added.Select(each => each.Draft.Id.Value).ToArray(), added.Select(each => each.Effect.Key).ToArray(),
            added.Select(each => each.Effect.Value).ToArray());
    }

    private static string[] Ids(PostgresDraft[] drafts) => [.. drafts.Select(draft => draft.Id.Value)];

    private static long[] Revisions(PostgresDraft[] drafts) => [.. drafts.Select(draft => draft.Revision)];
}
