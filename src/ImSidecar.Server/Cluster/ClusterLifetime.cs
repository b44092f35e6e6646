using ImSidecar.Server.Stores;
using ImSidecar.Server.Stores.Postgres;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Cluster;

/// <summary>
/// One of the nodes before anything is served, and none any more behind the last save; when the process is told to stop
/// it first hands over what it has, while everything still runs.
/// </summary>
internal sealed class ClusterLifetime(
    Membership membership, IHostApplicationLifetime host, ILogger<ClusterLifetime> logger)
    : IHostedLifecycleService, IDisposable
{
    private readonly CancellationTokenSource _end = new();
    private Task _run = Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await membership.JoinAsync();
        }
        catch (Exception error) when (PostgresErrors.IsOfTheStore(error))
        {
            throw new StoreUnavailableException($"Store:Connection: cannot join the other nodes: {error.Message}", error);
        }

        _run = Task.Run(RunAsync, CancellationToken.None);
    }

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => membership.HandOverAsync(cancellationToken);

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _end.CancelAsync();
        await _run;
        await membership.LeaveAsync();
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _end.Dispose();

    private async Task RunAsync()
    {
        try
        {
            await membership.RunAsync(_end.Token);
        }
        catch (NodeNameTakenException taken)
        {
            // The other one was started later, and lives: two would take it from each other for ever.
            Log.NameTaken(logger, taken.Message);
            host.StopApplication();
        }
        catch (Exception bug)
        {
            Log.HeartbeatFailed(logger, bug);
            host.StopApplication();
        }
    }
}
