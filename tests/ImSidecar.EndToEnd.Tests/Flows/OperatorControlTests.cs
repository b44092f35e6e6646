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
        Assert.Contains(id, await ControlAsync("conferences", "list", "--user", bob.AddressOfRecord), StringComparison.Ordinal);
        Assert.Contains(
            dave.AddressOfRecord, await ControlAsync("conferences", "show", group.SessionIdentity), StringComparison.Ordinal);

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
            Assert.Contains("Maintenance", (await Within(group[handset].Ended)).Bye!["Reason"], StringComparison.Ordinal);
        Assert.True((await Within(watching.Terminated)).IsTerminated);
        await watch.LineAsync("changed", "released");
    }
}
