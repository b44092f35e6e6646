using ImSidecar.Msrp;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Hosting;

/// <summary>Reads what happens to MSRP legs. A lost connection ends no leg: SIP does, or its session timer.</summary>
internal sealed class LegEventReader(IMsrpSwitch msrp, ILogger<LegEventReader> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stopping)
    {
        try
        {
            await foreach (var happened in msrp.Events.ReadAllAsync(stopping))
                Log.LegEvent(logger, happened);
        }
        catch (OperationCanceledException)
        {
            // The node stops.
        }
    }
}
