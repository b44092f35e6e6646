using ImSidecar.Client;
using ImSidecar.Client.Calls;
using ImSidecar.Client.Messages;
using ImSidecar.Client.Msrp;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.Mime;
using ImSidecar.Protocol.Sdp;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.Deferred;

/// <summary>App. D.2: what was kept comes over MSRP, in order, each once, and is gone when it is confirmed.</summary>
public sealed class MsrpPushTests(DemoProfile profile) : DeferredFlow(profile)
{
    [Fact, Trait("Spec", "IM D.2/A8-a"), Trait("Spec", "IM D.2/A9"), Trait("Spec", "IM D.2/A10")]
    public async Task Messages_come_in_order_and_then_the_server_hangs_up()
    {
        await LeaveThreeAsync();

        var (bob, push) = await ComesAsync();
        var call = await AcceptAsync(push, DeferredPush.AnyForm);

        foreach (var text in (string[])["one", "two", "three"])
        {
            var message = await ReadAsync(call);
            Assert.Equal((text, DeferredKind.PageMode), (message.Text, message.Item.Kind));
            Assert.Equal("sip:alice@example.com", message.From);
            Assert.InRange(
                message.Time!.Value, DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddSeconds(1));
        }

        Assert.Equal(CallEndedBy.Peer, (await Within(call.Ended)).By);
        await AssertKeptAsync(0);
        Assert.Empty(bob.Violations);
    }

    [Fact, Trait("Spec", "IM D.2/A8-b")]
    public async Task A_client_that_takes_CPIM_only_gets_CPIM()
    {
        await LeaveThreeAsync();

        var (_, push) = await ComesAsync();
        var call = await AcceptAsync(push, DeferredPush.CpimOnly);

        var message = await Next(call.Msrp!.Messages);
        Assert.Equal(("message/cpim", "one"), (message.ContentType, message.Text));
        Assert.Equal("sip:alice@example.com", message.Cpim!.From.Uri);
        Assert.Equal(CallEndedBy.Peer, (await Within(call.Ended)).By);
        await AssertKeptAsync(0);
    }

    [Fact]
    public async Task Nothing_leaves_before_it_is_confirmed()
    {
        await LeaveThreeAsync();
        var released = new TaskCompletionSource();

        var (_, push) = await ComesAsync();
        var call = await AcceptAsync(push, DeferredPush.AnyForm with { Hold = _ => released.Task });
        await Until(() => call.Msrp!.Chunks.Count > 0);
        await Task.Delay(300, TestContext.Current.CancellationToken);
        Assert.Single(call.Msrp!.Chunks, chunk => chunk.Head.HasBody);
        Assert.Equal(3, await KeptAsync());

        released.SetResult();
        Assert.Equal("one", (await ReadAsync(call)).Text);
        Assert.Equal(CallEndedBy.Peer, (await Within(call.Ended)).By);
        await AssertKeptAsync(0);
    }

    [Fact]
    public async Task A_client_that_dies_gets_the_rest_when_it_is_called_again()
    {
        await LeaveThreeAsync();

        var (bob, push) = await ComesAsync();
        var dying = await AcceptAsync(push, DeferredPush.AnyForm with { DiesAfter = 1 });
        Assert.Equal("one", (await ReadAsync(dying)).Text);

        var again = await AcceptAsync(await Next(bob.IncomingCalls), DeferredPush.AnyForm);
        Assert.Equal("two", (await ReadAsync(again)).Text);
        Assert.Equal("three", (await ReadAsync(again)).Text);
        Assert.Equal(CallEndedBy.Peer, (await Within(again.Ended)).By);
        await AssertKeptAsync(0);
    }

    [Fact]
    public async Task A_sidecar_that_is_killed_goes_on_with_the_first_that_was_not_confirmed()
    {
        await LeaveThreeAsync();
        var inbox = new DeferredInbox();
        var holds = true;

        var (_, push) = await ComesAsync();
        var call = await AcceptAsync(push, DeferredPush.AnyForm with
        {
            Reconnects = true,
            Answer = chunk => holds && chunk.Head.MessageId == "defer-000002" ? 0 : 200,
        });
        await Until(() => call.Msrp!.Chunks.Count(chunk => chunk.Head.HasBody) == 2);
        holds = false;
        await RestartAsync();

        var texts = new List<string>();
        while (texts.Count < 3)
        {
            if (inbox.TryTake(await Next(call.Msrp!.Messages), out var text))
                texts.Add(text.Text);
        }

        Assert.Equal(["one", "two", "three"], texts);
        Assert.Equal(CallEndedBy.Peer, (await Within(call.Ended)).By);
        await AssertKeptAsync(0);
    }

    [Fact]
    public async Task Who_connects_by_himself_and_who_waits_for_us_get_theirs()
    {
        foreach (var setup in (SetupRole[])[SetupRole.Active, SetupRole.Passive])
        {
            await LeaveThreeAsync();
            var (bob, push) = await ComesAsync();
            var call = await AcceptAsync(push, DeferredPush.AnyForm with { PreferredSetup = setup });

            Assert.Equal(CallEndedBy.Peer, (await Within(call.Ended)).By);
            Assert.Equal(3, Read(call.Msrp!.Messages).Count);
            await bob.RegisterAsync(0);
        }
    }

    private async Task LeaveThreeAsync()
    {
        var alice = await Register("alice");
        foreach (var text in (string[])["one", "two", "three"])
            Assert.Equal((202, null), await LeaveAsync(alice, text));
    }

    private static async Task<Call> AcceptAsync(IncomingCall push, MsrpOptions options)
    {
        Assert.True(DeferredPush.IsOne(push));
        return (await Within(push.AcceptAsync(new() { Msrp = options })))!;
    }

    private static async Task<DeferredText> ReadAsync(Call call) =>
        DeferredText.Of(await Next(call.Msrp!.Messages)) ?? throw new InvalidOperationException("No deferred message");
}
