using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using ImSidecar.Server.Stores;
using ImSidecar.Server.Telemetry;
using ImSidecar.Server.Tests.Hosting;
using ImSidecar.Server.Tests.Stores;
using Kind = ImSidecar.Server.Gateway.V1.SipAction.ActionOneofCase;

namespace ImSidecar.Server.Tests.Telemetry;

/// <summary>What is counted as the outcome of a request is what went out. Instruments are those of the process.</summary>
[CollectionDefinition(nameof(OutcomesTests), DisableParallelization = true)]
[Collection(nameof(OutcomesTests))]
public sealed class OutcomesTests : IDisposable
{
    private readonly ConcurrentDictionary<string, long> _counted = new();
    private readonly MeterListener _listener = new();

    public OutcomesTests()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name is "imsidecar.sip.server.responses" or "imsidecar.failures")
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            var series = string.Join(' ', tags.ToArray().Select(tag => tag.Value));
            _counted.AddOrUpdate(series, value, (_, before) => before + value);
        });
        _listener.Start();
    }

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task A_request_whose_save_fails_is_counted_with_its_503()
    {
        var store = new FaultyStore { Error = new StoreUnavailableException("disk full") { NothingWritten = true } };
        using var node = new ScriptedLink(store, health: store.Health);

        await node.SendAsync(ScriptedLink.GroupInvite());
        var refused = (await node.NextAsync(Kind.Reply)).Reply;
        await node.Router.DrainAsync(CancellationToken.None);

        Assert.Equal(503u, refused.Code);
        Assert.Equal(1, _counted["INVITE 5xx"]);
    }

    [Fact]
    public async Task An_answer_that_is_decided_twice_is_counted_once_when_it_goes_out()
    {
        var store = new FaultyStore();
        using var node = new ScriptedLink(store, time: new ManualTime(), health: store.Health);
        await node.SendAsync(ScriptedLink.GroupInvite());
        var invite = (await node.NextAsync(Kind.Originate)).Originate;
        await node.Router.DrainAsync(CancellationToken.None);

        store.BeginFailing();
        await node.SendAsync(ScriptedLink.Accepts(invite, "bob"));
        await node.Router.DrainAsync(CancellationToken.None);
        Assert.DoesNotContain("INVITE 2xx", _counted);

        store.EndFailing();
        await node.NextAsync(Kind.Ack);
        await node.Router.DrainAsync(CancellationToken.None);
        Assert.Equal(1, _counted["INVITE 2xx"]);
    }

    [Fact]
    public async Task An_effect_that_fails_is_counted()
    {
        using var node = new ScriptedLink(new InMemoryConferenceStore());
        node.Switch.Fails = true;

        await node.SendAsync(ScriptedLink.GroupInvite());
        await node.NextAsync(Kind.Originate);
        await node.Router.DrainAsync(CancellationToken.None);

        Assert.True(_counted[Labels.Effect] > 0);
    }
}
