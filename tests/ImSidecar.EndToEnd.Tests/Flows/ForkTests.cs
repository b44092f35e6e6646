using ImSidecar.Client.Calls;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>RFC 3261 13.2.2.4: bob has two phones, and both accept.</summary>
public class ForkTests(DemoProfile profile) : Flow(profile)
{
    [Fact]
    public async Task The_second_2xx_is_acknowledged_and_ended()
    {
        var (alice, bob, carol) = await RegisterThree();
        var other = await Register("bob", options: new()
        {
            User = "bob",
            IsLost = record => record is { IsOutgoing: false, Message.Method: "CANCEL" },
        });

        var starting = alice.StartGroup(DemoProfile.Factory, [bob.AddressOfRecord, carol.AddressOfRecord]);
        var otherRings = await Next(other.IncomingCalls);
        var first = await Group.AcceptAsync(bob);
        await Within(starting.Answered);
        var second = await Within(otherRings.AcceptAsync());
        await Within(second!.Acknowledged);

        Assert.Equal(CallEndedBy.Peer, (await Within(second.Ended)).By);
        Assert.False(first.Ended.IsCompleted);
    }
}
