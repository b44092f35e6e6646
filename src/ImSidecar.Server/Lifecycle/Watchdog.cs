using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Lifecycle;

/// <summary>
/// Tells the service manager when the process serves, what it does, that it works and that it stops. It is not said to
/// work because a timer runs, but because work gets through.
/// </summary>
internal sealed class Watchdog(
    ServiceManager manager, IPulse pulse, IHostApplicationLifetime lifetime, ILogger<Watchdog> logger)
    : BackgroundService
{
    private static readonly TimeSpan _usual = TimeSpan.FromSeconds(10);

    private readonly TimeSpan _interval =
        manager.WatchdogInterval is { } asked && asked < _usual ? asked : _usual;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!manager.IsThere)
            return;

        using var stopping = lifetime.ApplicationStopping.Register(manager.Stopping);
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        try
        {
            await started.Task.WaitAsync(stoppingToken);
            manager.Ready();
            using var tick = new PeriodicTimer(_interval);
            do
                await BeatAsync(stoppingToken);
            while (await tick.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The node stops.
        }
    }

    private async Task BeatAsync(CancellationToken stopping)
    {
        try
        {
            await pulse.BeatAsync(stopping).WaitAsync(_interval, stopping);
            if (manager.WatchdogInterval is not null)
                manager.Works();
            manager.Status(pulse.Status);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            // Not said: when it is not said for long enough, the process is killed and started anew.
            Log.DoesNotWork(logger, _interval, error);
        }
    }
}
