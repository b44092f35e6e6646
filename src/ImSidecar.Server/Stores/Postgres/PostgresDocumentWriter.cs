using Npgsql;

namespace ImSidecar.Server.Stores.Postgres;

/// <summary>
/// Writes a batch of documents in one transaction: apart from the conferences, so that these never wait until another
/// node has written its documents.
/// </summary>
/// <param name="Origin">Which process wrote a document, for the others.</param>
internal sealed class PostgresDocumentWriter(PostgresDatabase database, string origin) : IStoreWriter, IDisposable
{
    private readonly PostgresTransactions _transactions = new(database);

    public void Write(IReadOnlyList<StoreWrite> batch)
    {
        var documents = batch.OfType<DocumentSave>().ToList();
        var remote = batch.OfType<RemoteDocumentSave>().ToList();
        _transactions.Run(connection => Write(connection, documents, remote));
    }

    public void Tidy(bool hasTime)
    {
        // Its autovacuum does it.
    }

    public void Probe() => _transactions.Probe();

    public void Dispose() => _transactions.Dispose();

    private void Write(NpgsqlConnection connection, List<DocumentSave> documents, List<RemoteDocumentSave> remote)
    {
        using var batch = new NpgsqlBatch(connection);
        if (documents.Count > 0)
        {
            var ledger = PostgresDocumentRows.Load(connection, [.. documents.Select(save => save.Write)]);
            foreach (var save in documents)
            {
                save.Result = ledger.Write(save.Write);
                save.IsSaved = save.Result.Result == DocumentResult.Written;
            }

            PostgresDocumentRows.AddTo(batch, ledger, origin);
        }

        foreach (var save in remote)
        {
            PostgresRemoteRows.AddTo(batch, save);
            save.IsSaved = true;
        }

        if (batch.BatchCommands.Count > 0)
            batch.ExecuteNonQuery();
    }
}
