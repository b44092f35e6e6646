using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Lifecycle;

/// <summary>Says when somebody has set the clock: what we tell others is by the old one until a restart.</summary>
internal sealed class ClockWatch(TimeProvider time, ILogger<ClockWatch> logger) : BackgroundService
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _mostDrift = TimeSpan.FromSeconds(5);

    /// <summary>What the clock of the machine says.</summary>
    public Func<DateTimeOffset> Clock { get; init; } = () => DateTimeOffset.UtcNow;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var told = TimeSpan.Zero;
        try
        {
            while (true)
            {
                await Task.Delay(_interval, time, stoppingToken);
                var ahead = Clock() - time.GetUtcNow();
                if ((ahead - told).Duration() <= _mostDrift)
                    continue;

                told = ahead;
                Log.ClockWasSet(logger, Math.Round(ahead.TotalSeconds));
            }
        }
        catch (OperationCanceledException)
        {
            // The node stops.
        }
    }
}
