using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Xdm;
using ImSidecar.Server.Hosting;
using Microsoft.Extensions.Hosting;

namespace ImSidecar.Server.Xdm.Diff;

/// <summary>Takes changes of documents to the subscriptions that are about them.</summary>
internal sealed class DocumentChangeReader(
    IXdmDocuments documents, DocumentSubscribers subscribers, AggregateRouter router) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        subscribers.Began += OnBegan;
        documents.Changed += OnChanged;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        documents.Changed -= OnChanged;
        subscribers.Began -= OnBegan;
        return Task.CompletedTask;
    }

    private void OnChanged(DocumentSelector document)
    {
        foreach (var id in subscribers.Of(document))
            router.TryPost(id, new DocumentsChanged());
    }

    private void OnBegan(AggregateId id) => router.TryPost(id, new DocumentsChanged());
}
