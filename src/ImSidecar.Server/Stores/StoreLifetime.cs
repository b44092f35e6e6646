using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Stores;

/// <summary>Opens the store before any other service starts and closes it when the last one has stopped.</summary>
internal sealed class StoreLifetime(IServerStore store, ILogger<StoreLifetime> logger) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        Log.Opened(logger, store.Description);
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
