using ImSidecar.Msrp;
using ImSidecar.Msrp.V1;
using ImSidecar.Protocol.Msrp;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Plane;

/// <summary>
/// Which sidecar is attached. Takes to it what happens to legs; while there is none, sessions go on as they are, who
/// asks is told 408, and after MsrpControl:KeepLegsFor they end.
/// </summary>
internal sealed class SidecarDesk(
    IMsrpSwitch msrp, IMsrpLegs legs, IOptions<PlaneOptions> options, TimeProvider time, ILogger<SidecarDesk> logger)
    : BackgroundService
{
    private readonly Lock _gate = new();
    private SidecarStream? _current;
    private CancellationTokenSource? _ending;
    private ITimer? _patience;

    public SidecarStream? Current => Volatile.Read(ref _current);

    /// <summary>The stream before ends.</summary>
    public void Attach(SidecarStream stream, CancellationTokenSource ending)
    {
        lock (_gate)
        {
            // Within the gate: it is disposed of after its Detach.
            _ending?.Cancel();
            (_current, _ending) = (stream, ending);
            _patience?.Dispose();
            _patience = null;
        }

        Log.SidecarAttached(logger, stream.Node);
    }

    public void Detach(SidecarStream stream)
    {
        stream.Close();
        foreach (var happened in stream.Untold())
            Decline(EventWire.Read(happened));

        lock (_gate)
        {
            if (_current != stream)
                return;

            (_current, _ending) = (null, null);
            _patience = time.CreateTimer(_ => GiveUp(), null, options.Value.KeepLegsFor, Timeout.InfiniteTimeSpan);
        }

        Log.SidecarDetached(logger, stream.Node, options.Value.KeepLegsFor);
    }

    protected override async Task ExecuteAsync(CancellationToken stopping)
    {
        try
        {
            await foreach (var happened in msrp.Events.ReadAllAsync(stopping))
            {
                if (Current is not { } sidecar || !await sidecar.TellAsync(EventWire.Write(happened)))
                    Decline(happened);
            }
        }
        catch (OperationCanceledException)
        {
            // The process stops.
        }
    }

    // What waits for an answer gets one: nobody is there who could give it.
    private void Decline(MsrpLegEvent? happened)
    {
        if (happened is MsrpMessageArrived arrived)
            msrp.AnswerMessage(arrived.SessionId, arrived.Token, MsrpStatus.Timeout);
        else if (happened is MsrpLegNickname asked)
            msrp.AnswerNickname(asked.SessionId, asked.Transaction, MsrpStatus.Timeout);
    }

    private void GiveUp()
    {
        lock (_gate)
        {
            if (_current is not null)
                return;

            var all = legs.SessionIds;
            if (all.Count > 0)
                Log.LegsGivenUp(logger, options.Value.KeepLegsFor, all.Count);
            foreach (var session in all)
                msrp.CloseLeg(session);
        }
    }

    public override void Dispose()
    {
        _patience?.Dispose();
        base.Dispose();
    }
}
