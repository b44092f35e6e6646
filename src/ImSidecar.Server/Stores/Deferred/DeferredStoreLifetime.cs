using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Stores.Deferred;

/// <summary>Opens the store before the services that need it and closes it when they have stopped.</summary>
internal sealed class DeferredStoreLifetime(
    DeferredMessageStore store, IOptions<DeferredStoreOptions> options, ILogger<DeferredStoreLifetime> logger)
    : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        Log.Opened(logger, store.Description, options.Value.KeyFiles.Count > 0 ? "encrypted" : "not encrypted");
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        await store.DisposeAsync();
        Log.Closed(logger);
    }
}
