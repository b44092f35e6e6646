using System.Diagnostics.Metrics;
using ImSidecar.Server.Xdm.Remote;

namespace ImSidecar.Server.Tests.Xdm.Remote;

/// <summary>What the meter shows of a remote XDMS.</summary>
public class RemoteMetricsTests
{
    [Fact]
    public async Task Documents_and_the_state_of_the_XDMS_are_on_the_meter()
    {
        await using var world = new RemoteWorld();
        using var metrics = new RemoteMetrics(world.Documents, world.Remote, world.Health);
        world.Xdms.Serve("<group/>", "\"1\"");
        await world.ReadAsync();
        var well = Read(metrics);

        world.Xdms.Always(ScriptedXdms.Status(500));
        world.Time.Advance(world.Options.RevalidateAfter);
        for (var i = 0; i < 3; i++)
            await world.ReadFailureAsync(new("resource-lists", $"sip:u{i}@example.com", "index"));
        var failing = Read(metrics);

        Assert.Equal((1, 0, 8, 1, 0, 0), Of(well));
        Assert.Equal((1, 1, 8, 4, 1, 1), Of(failing));
    }

    private static (long Documents, long Stale, long Bytes, long Requests, long Failing, long LeftAlone) Of(
        Dictionary<string, long> values) =>
        (values["imsidecar.xdms.documents"], values["imsidecar.xdms.documents.stale"],
            values["imsidecar.xdms.documents.size"], values["imsidecar.xdms.requests"],
            values["imsidecar.xdms.failing"], values["imsidecar.xdms.left_alone"]);

    private static Dictionary<string, long> Read(RemoteMetrics metrics)
    {
        var values = new Dictionary<string, long>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, each) =>
        {
            if (instrument.Meter == metrics.Meter)
                each.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => values[instrument.Name] = value);
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => values[instrument.Name] = value);
        listener.Start();
        listener.RecordObservableInstruments();
        return values;
    }
}
