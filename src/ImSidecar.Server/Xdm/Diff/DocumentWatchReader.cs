using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Xdm;
using ImSidecar.Server.Hosting;
using Microsoft.Extensions.Hosting;

namespace ImSidecar.Server.Xdm.Diff;

/// <summary>Takes to our subscription which documents are in use.</summary>
internal sealed class DocumentWatchReader(DocumentWatcher watcher, DocumentWatchTarget target, AggregateRouter router)
    : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        watcher.Wanted += OnWanted;
        if (!watcher.Documents.IsEmpty)
            OnWanted(watcher.Documents);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        watcher.Wanted -= OnWanted;
        return Task.CompletedTask;
    }

    private void OnWanted(ImmutableArray<DocumentSelector> documents)
    {
        if (target.Facts is not null)
            router.Post(target.Id, new DocumentsWanted(documents));
    }
}
