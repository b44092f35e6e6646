using System.Net;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.Sdp;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.Media;

/// <summary>RFC 6714 and IPv6: where the connections of MSRP lead.</summary>
public class AddressTests(DemoProfile profile) : MediaFlow(profile)
{
    protected override IReadOnlyList<string> Settings => ["--Msrp:Listen=[::1]:2855"];

    [Fact]
    public async Task Who_is_behind_something_that_puts_its_address_into_the_description_is_found_there()
    {
        var (alice, bob, _) = await RegisterThree();
        await Owner.PutGroupAsync(GroupOfThree);

        // Nobody listens where his path says.
        var hidden = await JoinAsync(
            alice, Over(new() { OfferedSetup = SetupRole.Passive, IsCema = true, PathHost = "127.0.0.77" }));
        var other = await JoinAsync(bob, Over(new() { Address = IPAddress.IPv6Loopback }));
        await TalkAsync((alice, hidden), (bob, other));

        Assert.True(hidden.Msrp!.Remote!.IsCema);
    }

    [Theory]
    [InlineData(SetupRole.ActPass)]
    [InlineData(SetupRole.Passive)]
    public async Task Two_talk_over_IPv6(SetupRole setup)
    {
        var (alice, bob, _) = await RegisterThree();
        await Owner.PutGroupAsync(GroupOfThree);
        var options = Over(new() { Address = IPAddress.IPv6Loopback, OfferedSetup = setup });

        var one = await JoinAsync(alice, options);
        var other = await JoinAsync(bob, options);
        await TalkAsync((alice, one), (bob, other));

        Assert.StartsWith("msrp://[::1]:2855/", one.Msrp!.Remote!.Path[0].ToString(), StringComparison.Ordinal);
        Assert.Equal("::1", one.Msrp.Remote.Address);
    }
}
