using ImSidecar.Client;
using ImSidecar.Client.Calls;
using ImSidecar.Client.Messages;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.Deferred;

/// <summary>App. D.2: a user with several phones gets what was kept once, and where the operator says.</summary>
public sealed class DevicesTests(DemoProfile profile) : DeferredFlow(profile)
{
    private static readonly AcceptOptions _any = new() { Msrp = DeferredPush.AnyForm };

    [Fact, Trait("Spec", "IM D.2/A2")]
    public async Task All_phones_ring_and_who_answers_gets_everything()
    {
        await LeaveAsync(3);
        var first = await Register("bob");
        var ringing = await Next(first.IncomingCalls);
        await ringing.RingAsync();
        var second = await Register("bob");

        // The second one was not there when the first one began to ring: he is called again.
        await ringing.RejectAsync(480);
        var (again, here) = (await Next(first.IncomingCalls), await Next(second.IncomingCalls));
        await again.RingAsync();
        var call = (await Within(here.AcceptAsync(_any)))!;

        Assert.Equal(["text 0", "text 1", "text 2"], await ReadAllAsync(call));
        await Within(again.Cancelled);
        await AssertKeptAsync(0);
        Assert.False(first.IncomingCalls.TryRead(out _));
    }

    [Fact]
    public async Task Only_the_phone_that_came_last_is_called_if_the_operator_wants_it()
    {
        await RestartAsync([.. Settings, "--Deferred:PushTo=Newest"]);
        var alice = await Register("alice");
        await ControlAsync("settings", "--user", Bob, "--visible", "false");
        var (first, second) = (await Register("bob"), await Register("bob"));
        Assert.Equal((202, null), await LeaveAsync(alice, "for the new one"));
        await ControlAsync("settings", "--user", Bob, "--visible", "true");
        await (await Next(second.IncomingCalls)).RejectAsync(503);

        // It has gone meanwhile; the first one is the newest now.
        await second.RegisterAsync(0);
        await (await Next(first.IncomingCalls)).RejectAsync(488);
        Assert.Equal("for the new one", (await Next(first.Messages)).Text);
        await AssertKeptAsync(0);
        Assert.False(second.IncomingCalls.TryRead(out _));
        Assert.False(second.Messages.TryRead(out _));
    }

    [Fact, Trait("Spec", "IM D.2/intro-2")]
    public async Task A_REGISTER_that_is_repeated_during_a_long_push_changes_nothing()
    {
        await LeaveAsync(30);
        var (bob, push) = await ComesAsync();
        var count = 0;
        var call = (await Within(push.AcceptAsync(new()
        {
            Msrp = DeferredPush.AnyForm with
            {
                Hold = _ => Interlocked.Increment(ref count) % 3 == 0 ? bob.RegisterAsync() : Task.CompletedTask,
            },
        })))!;

        Assert.Equal([.. Enumerable.Range(0, 30).Select(each => $"text {each}")], await ReadAllAsync(call));
        await AssertKeptAsync(0);
        await bob.RegisterAsync();
        Assert.False(bob.IncomingCalls.TryRead(out _));
        Assert.False(bob.Messages.TryRead(out _));
    }

    private async Task LeaveAsync(int count)
    {
        var alice = await Register("alice");
        for (var i = 0; i < count; i++)
            Assert.Equal((202, null), await LeaveAsync(alice, $"text {i}"));
    }

    private static async Task<List<string>> ReadAllAsync(Call call)
    {
        Assert.Equal(CallEndedBy.Peer, (await Within(call.Ended)).By);
        return [.. Read(call.Msrp!.Messages).Select(each => DeferredText.Of(each)!.Text)];
    }
}
