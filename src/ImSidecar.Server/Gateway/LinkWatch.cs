using ImSidecar.Server.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Gateway;

/// <summary>
/// Says once, each time that no Kamailio is there for long, where it is to attach and what to load for that; gives up on
/// one that stays away while another one is there.
/// </summary>
internal sealed class LinkWatch(
    LinkRegistry links, AggregateRouter router, GatewayOptions options, TimeProvider time, ILogger<LinkWatch> logger) : BackgroundService
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var (lastThere, isSaid) = (time.GetTimestamp(), false);
        try
        {
            while (true)
            {
                await Task.Delay(_interval, time, stoppingToken);
                GiveUp();
                if (links.Current is { IsServing: true })
                    (lastThere, isSaid) = (time.GetTimestamp(), false);
                else if (!isSaid && time.GetElapsedTime(lastThere) >= _patience)
                {
                    isSaid = true;
                    Tell();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The node stops.
        }
    }

    private void GiveUp()
    {
        var ended = links.Boots.Expire();
        foreach (var boot in ended)
            Log.BootGivenUp(logger, boot, options.GoneAfter.TotalSeconds);
        _ = router.OnBootsEnded(ended);
    }

    private void Tell()
    {
        if (options.Listen.Length == 0)
            Log.NobodyAttached(logger, _patience.TotalSeconds, options.Socket);
        else
            Log.NobodyAttachedFromAnywhere(logger, _patience.TotalSeconds, options.Socket, options.Listen);
    }
}
