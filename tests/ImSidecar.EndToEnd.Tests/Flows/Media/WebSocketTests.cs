using ImSidecar.Client.Msrp;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.Media;

/// <summary>RFC 7977: a browser's MSRP beside that of others.</summary>
public class WebSocketTests(DemoProfile profile) : MediaFlow(profile)
{
    private readonly MsrpOptions _browser = new() { WebSocket = new("ws://127.0.0.1:8080/msrp") };

    [Fact]
    public async Task A_browser_and_a_phone_are_in_one_group()
    {
        var (alice, bob, _) = await RegisterThree();
        await Owner.PutGroupAsync(GroupOfThree);

        var browser = await JoinAsync(alice, Over(_browser));
        var phone = await JoinAsync(bob);
        await TalkAsync((alice, browser), (bob, phone));

        Assert.True(browser.Msrp!.Remote!.Path[0] is { Transport: "ws", Host: "127.0.0.1", Port: 8080 });
    }

    [Fact]
    public async Task A_browser_that_is_invited_connects_by_itself()
    {
        var (alice, bob, _) = await RegisterThree();

        var group = await Group.StartAsync(alice, [bob], accept: new() { Msrp = _browser });

        Assert.Equal(200, await group.SayAsync(alice, "to the browser"));
        Assert.Equal("to the browser", (await group.HearAsync(bob)).Text);
        Assert.Equal(200, await group.SayAsync(bob, "from the browser"));
        Assert.Equal("from the browser", (await group.HearAsync(alice)).Text);
    }

    [Fact]
    public async Task TLS_that_is_not_there_is_refused_with_the_reason()
    {
        var (alice, bob, _) = await RegisterThree();

        var refused = await Refusal(
            alice, [bob.AddressOfRecord], Over(new() { Tls = MsrpTls.SelfSigned("alice") }));

        Assert.Equal((488, "MSRP over TLS is not available"), (refused.Status, WarningOf(refused)));
    }
}
