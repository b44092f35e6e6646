using System.Text;
using System.Threading.Channels;
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
    // On a busy machine a phone takes its time to connect again.
    protected override IReadOnlyList<string> Settings =>
        [.. base.Settings, "--Controlling:MediaReconnect=00:00:20"];

    [Fact, Trait("Spec", "IM D.2/A8-a"), Trait("Spec", "IM D.2/A9"), Trait("Spec", "IM D.2/A10")]
    [Trait("Spec", "IM D.2/B1")]
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

    [Fact, Trait("Spec", "IM D.2/A8-b"), Trait("Spec", "IM D.2/A8-c"), Trait("Spec", "IM D.2/A8-d")]
    [Trait("Spec", "IM D.2/B2")]
    public async Task What_was_said_in_a_session_comes_as_its_SEND_with_the_INVITE()
    {
        var alice = await Register("alice");
        var left = await Within(alice.Invite(Bob).Answered);
        await Within(left.Msrp!.Connected);
        var small = await Within(left.Msrp.SendTextAsync("sip:alice@example.com", Bob, "hello"));
        var large = await Within(left.Msrp.SendTextAsync("sip:alice@example.com", Bob, new string('x', 300_000)));
        Assert.Equal((200, 200), (small.Status, large.Status));
        await Within(left.ByeAsync());

        var (bob, push) = await ComesAsync();
        var call = await AcceptAsync(push, DeferredPush.AnyForm);

        var first = await Next(call.Msrp!.Messages);
        Assert.StartsWith("multipart/mixed; boundary=", first.ContentType, StringComparison.Ordinal);
        var text = DeferredText.Of(first)!;
        Assert.Equal((DeferredKind.Session, "hello"), (text.Item.Kind, text.Text));
        Assert.Equal((left.CallId, small.MessageId), (text.Item.CallId, text.Item.MessageId));
        Assert.Equal("sip:alice@example.com", text.From);
        Assert.Contains(
            "P-Asserted-Identity: <sip:alice@example.com>", Encoding.UTF8.GetString(first.Body.Span),
            StringComparison.Ordinal);
        var second = await Next(call.Msrp.Messages);
        Assert.True(second.Chunks > 1);
        Assert.Equal(300_000, DeferredText.Of(second)!.Text.Length);
        Assert.Equal(CallEndedBy.Peer, (await Within(call.Ended)).By);
        await AssertKeptAsync(0);
        Assert.Empty(bob.Violations);
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public async Task Nothing_that_comes_tells_who_hides(bool cpim)
    {
        var alice = await Register("alice");
        Assert.Equal((202, null), await LeaveAsync(alice, "psst", ("Privacy", "id")));

        var (_, push) = await ComesAsync();
        var call = await AcceptAsync(push, cpim ? DeferredPush.CpimOnly : DeferredPush.AnyForm);

        var message = await Next(call.Msrp!.Messages);
        var whole = Encoding.UTF8.GetString(message.Body.Span);
        Assert.DoesNotContain("alice", whole, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("sip:anonymous@anonymous.invalid", whole, StringComparison.Ordinal);
        Assert.Equal("psst", DeferredText.Of(message)!.Text);
        Assert.Equal(CallEndedBy.Peer, (await Within(call.Ended)).By);
    }

    [Theory, Trait("Spec", "IM D.2/A9"), Trait("Spec", "IM D.2/A-NOTE")]
    [InlineData(0, false), InlineData(1, false), InlineData(1, true), InlineData(2, true)]
    [InlineData(3, false), InlineData(3, true)]
    public async Task Killed_anywhere_each_comes_in_order_and_only_the_last_one_perhaps_again(int at, bool isConfirmed)
    {
        await LeaveThreeAsync();
        var (inbox, count, dies) = (new DeferredInbox(), 0, new TaskCompletionSource());
        var texts = Channel.CreateUnbounded<string>();
        var bob = await Register("bob");
        _ = TakeAllAsync();

        if (at > 0)
            await Within(dies.Task);
        await RestartAsync();

        foreach (var text in (string[])["one", "two", "three"])
            Assert.Equal(text, await Next(texts.Reader));
        await AssertKeptAsync(0);
        Assert.InRange(inbox.Repetitions, 0, 1);

        async Task TakeAllAsync()
        {
            await foreach (var push in bob.IncomingCalls.ReadAllAsync())
            {
                var call = await push.AcceptAsync(new()
                {
                    Msrp = DeferredPush.AnyForm with { Reconnects = true, Answer = AnswerTo },
                });
                _ = TakeAsync(call!.Msrp!);
            }
        }

        async Task TakeAsync(MsrpSession msrp)
        {
            await foreach (var message in msrp.Messages.ReadAllAsync())
            {
                if (inbox.TryTake(message, out var text))
                    texts.Writer.TryWrite(text.Text);
            }
        }

        int AnswerTo(MsrpChunk chunk)
        {
            if (!chunk.Head.HasBody || Interlocked.Increment(ref count) != at)
                return 200;

            dies.TrySetResult();
            return isConfirmed ? 200 : 0;
        }
    }

    [Fact]
    public async Task A_sidecar_that_is_stopped_and_started_goes_on_in_the_same_session()
    {
        await LeaveThreeAsync();
        var (count, first) = (0, new TaskCompletionSource());
        var (bob, push) = await ComesAsync();
        var call = await AcceptAsync(push, DeferredPush.AnyForm with
        {
            Reconnects = true,
            Answer = chunk => chunk.Head.HasBody && Interlocked.Increment(ref count) == 2 ? Unanswered() : 200,
        });
        await Within(first.Task);

        Assert.Equal(0, await Within(Profile.StopSidecarAsync()));
        await Profile.StartSidecarAsync(Settings);

        foreach (var text in (string[])["one", "two", "three"])
            Assert.Equal(text, (await ReadAsync(call)).Text);
        Assert.Equal(CallEndedBy.Peer, (await Within(call.Ended)).By);
        Assert.False(bob.IncomingCalls.TryRead(out _));
        await AssertKeptAsync(0);

        int Unanswered()
        {
            first.TrySetResult();
            return 0;
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
