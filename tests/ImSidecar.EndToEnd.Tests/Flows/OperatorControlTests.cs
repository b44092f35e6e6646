using System.Text.Json;
using ImSidecar.Client;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.ConferenceInfo;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>imsidecarctl, a process of its own, looks into a session of a real Kamailio and ends it.</summary>
public class OperatorControlTests(DemoProfile profile) : Flow(profile)
{
    [Fact]
    public async Task A_session_is_found_watched_and_traced_a_user_expelled_and_the_rest_sent_away()
    {
        var (alice, bob, carol) = await RegisterThree();
        var dave = await Register("dave");
        var group = await Group.StartAsync(alice, [bob, carol, dave]);
        var id = group.SessionIdentity.Split(':', '@')[1];
        var watching = alice.Subscribe(group.SessionIdentity);
        await ReadUntil(watching, each => each.Roster.Count == 4);

        using var status = JsonDocument.Parse(await ControlAsync("status", "--json"));
        Assert.Equal(0, status.RootElement.GetProperty("problems").GetArrayLength());
        Assert.NotEmpty(status.RootElement.GetProperty("kamailio").GetProperty("moduleVersion").GetString()!);
        var list = await ControlAsync("conferences", "list", "--user", bob.AddressOfRecord);
        var shown = await ControlAsync("conferences", "show", group.SessionIdentity);
        Assert.Contains(id, list, StringComparison.Ordinal);
        Assert.Contains(dave.AddressOfRecord, shown, StringComparison.Ordinal);

        await using var watch = LiveTool.Start(Profile, "conferences", "watch", id);
        await using var trace = LiveTool.Start(Profile, "conferences", "trace", id, "--json");
        await watch.LineAsync("conference", id);
        await ControlAsync("conferences", "expel", id, bob.AddressOfRecord, "--reason", "Spam");

        var bye = (await Within(group[bob].Ended)).Bye!;
        Assert.Equal("SIP;cause=403;text=\"Spam\"", bye["Reason"]);
        var left = await ReadUntil(watching, each => each.Roster.All(user => user.Entity != bob.AddressOfRecord));
        Assert.Contains(
            left.SelectMany(each => each.Document?.Users?.List ?? []).SelectMany(user => user.Endpoints),
            endpoint => endpoint.DisconnectionMethod == DisconnectionMethod.Booted);
        await watch.LineAsync("left", bob.AddressOfRecord);
        using var sent = JsonDocument.Parse(await trace.LineAsync("\"BYE\"", "out", "Spam"));
        Assert.Equal(group[bob].CallId, sent.RootElement.GetProperty("callId").GetString());
        await trace.LineAsync("200 BYE");
        await trace.LineAsync("NOTIFY", "out");

        await ControlAsync("conferences", "release", id, "--reason", "Maintenance");
        foreach (var handset in new[] { alice, carol, dave })
        {
            var last = (await Within(group[handset].Ended)).Bye!;
            Assert.Equal("SIP;cause=480;text=\"Maintenance\"", last["Reason"]);
        }

        Assert.True((await Within(watching.Terminated)).IsTerminated);
        await watch.LineAsync("changed", "released");
    }

    [Fact]
    public async Task A_drained_node_refuses_new_sessions_and_goes_on_with_those_it_has()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);
        try
        {
            Assert.StartsWith("Draining since ", await ControlAsync("drain"), StringComparison.Ordinal);

            var refused = await Refusal(bob, [alice.AddressOfRecord, carol.AddressOfRecord]);
            Assert.Equal(503, refused.Status);
            Assert.Equal(200, await group.SayAsync(alice, "still here"));
            Assert.Equal("still here", (await group.HearAsync(bob)).Text);
        }
        finally
        {
            await ControlAsync("drain", "--off");
        }
    }
}
