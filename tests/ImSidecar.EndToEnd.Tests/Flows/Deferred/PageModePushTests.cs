using System.Globalization;
using ImSidecar.Client;
using ImSidecar.Client.Sip;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.Deferred;

/// <summary>A phone without MSRP gets what was kept for its user as MESSAGEs, IM 11.</summary>
public sealed class PageModePushTests(DemoProfile profile) : DeferredFlow(profile)
{
    private static async Task<SipMessage> ReadAsync(Handset handset) => await Next(handset.Messages);

    [Fact]
    public async Task Messages_come_in_order_and_once_across_kill_9()
    {
        var alice = await Register("alice");
        Assert.Equal((202, null), await LeaveAsync(alice, "one"));
        await RestartAsync();
        Assert.Equal((202, null), await LeaveAsync(alice, "two"));
        Assert.Equal((202, null), await LeaveAsync(alice, "three"));

        var (bob, push) = await ComesAsync();
        await push.RejectAsync(488);

        foreach (var text in (string[])["one", "two", "three"])
        {
            var message = await ReadAsync(bob);
            Assert.Equal(text, message.Text);
            Assert.Contains("sip:alice@example.com", message["From"], StringComparison.Ordinal);
            Assert.True(DateTimeOffset.TryParseExact(
                message["Date"], "R", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _));
        }

        await AssertKeptAsync(0);
        await Within(bob.RegisterAsync());
        Assert.Equal((200, null), await LeaveAsync(alice, "four"));
        Assert.Equal("four", (await ReadAsync(bob)).Text);
    }

    [Fact]
    public async Task Who_wants_only_to_know_hears_how_many_wait()
    {
        var alice = await Register("alice");
        await ControlAsync("settings", "--user", Bob, "--delivery", "notify");
        await LeaveAsync(alice, "one");
        await LeaveAsync(alice, "two");

        var bob = await Register("bob");

        var told = await ReadAsync(bob);
        Assert.Equal("2 messages wait for you: sip:deferred@im.example.com", told.Text);
        Assert.Equal(2, await KeptAsync());

        // Else his phone rings while the next flow begins.
        await ControlAsync("deferred", "--user", Bob, "--purge");
        await ControlAsync("settings", "--user", Bob, "--delivery", "default");
    }

    [Fact]
    public async Task For_whom_nothing_is_to_be_kept_callers_hear_that_he_is_away()
    {
        var alice = await Register("alice");
        await ControlAsync("settings", "--user", Bob, "--delivery", "off");

        Assert.Equal((480, "User is not available"), await LeaveAsync(alice, "one"));
        await ControlAsync("settings", "--user", Bob, "--delivery", "default");
    }
}
