using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using ImSidecar.Server.Telemetry;
using ImSidecar.Server.Telemetry.Prometheus;

namespace ImSidecar.Server.Tests.Telemetry;

/// <summary>One convention for all instruments, wherever they are.</summary>
public partial class InstrumentNamesTests
{
    [Fact]
    public async Task Names_are_dotted_lower_case_and_leave_the_unit_to_the_unit()
    {
        await using var node = await RunningNode.StartAsync(
            "--Xdm:Mode=Remote", "--XcapClient:Root=http://127.0.0.1:9/");
        var text = await node.Http.GetStringAsync("/metrics", TestContext.Current.CancellationToken);

        var names = PrometheusParser.Parse(text).Keys
            .Where(name => !name.StartsWith("dotnet_", StringComparison.Ordinal));

        Assert.All(names, name => Assert.Matches(Allowed(), name));
    }

    [Fact]
    public void No_instrument_names_its_unit()
    {
        using var listener = new MeterListener();
        List<Instrument> all = [];
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Name == Instruments.MeterName
                && !instrument.Name.Contains(".test.", StringComparison.Ordinal))
                all.Add(instrument);
        };
        Instruments.Refused("store");
        listener.Start();

        Assert.NotEmpty(all);
        Assert.All(all, instrument => Assert.Matches(Dotted(), instrument.Name));
        Assert.All(all, instrument => Assert.DoesNotMatch("(seconds|bytes|total)$", instrument.Name));
        Assert.All(all, instrument => Assert.False(string.IsNullOrEmpty(instrument.Description)));
        Assert.Equal("imsidecar_event_duration_seconds", PrometheusText.NameOf("imsidecar.event.duration", "s"));
    }

    [GeneratedRegex("^imsidecar_[a-z_]+$")]
    private static partial Regex Allowed();

    [GeneratedRegex("^imsidecar(\\.[a-z_]+)+$")]
    private static partial Regex Dotted();
}
