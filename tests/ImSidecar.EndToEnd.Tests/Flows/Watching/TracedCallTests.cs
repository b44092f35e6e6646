using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Server.Telemetry.Tracing;
using ImSidecar.Server.Tests.Telemetry;

namespace ImSidecar.EndToEnd.Tests.Flows.Watching;

/// <summary>What a collector has of a call, from Kamailio to the first message.</summary>
public sealed class TracedCallTests(DemoProfile profile) : WatchedFlow(profile)
{
    [Fact]
    public async Task A_call_is_followed_by_its_Call_ID_from_Kamailio_to_the_first_message()
    {
        await using var collector = await Collector.StartAsync(isGrpc: false, CollectorPort);

        var (caller, invited) = await ChatAsync("hello", "ski", "Snow cat");

        await ReceiveAsync(
            collector, caller.CallId, "INVITE", "mailbox.wait", "decide", "save", "perform", "msrp.open",
            "acknowledged");

        // The caller is answered, and his leg opened, when the first one accepts.
        await ReceiveAsync(
            collector, invited.CallId, "INVITE", "response", "msrp.open", "msrp.connected", "msrp.first_message");
    }

    private static async Task ReceiveAsync(Collector collector, string callId, params string[] names)
    {
        foreach (var name in names)
            await collector.ReceiveSpanAsync(Traces.IdOf(callId).ToHexString(), name);
    }
}
