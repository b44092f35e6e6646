using ImSidecar.Client;
using ImSidecar.Client.Blocking;
using ImSidecar.Client.Calls;
using ImSidecar.Client.Chat;
using ImSidecar.Client.Commands;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Client;

/// <summary>IM 6.1.2.12: what a person sees of a room, and when it is watched.</summary>
public sealed class ChatRoomTests : IDisposable
{
    private readonly Paper _output = new();

    [Fact, Trait("Spec", "IM 6.1.2.12/intro")]
    public async Task A_room_of_a_focus_is_watched_and_a_refusal_is_told()
    {
        await using var focus = Handset("skiers");
        await using var alice = Handset("alice", proxy: HopTo(focus).Remote);
        var console = Console(alice, focus.AddressOfRecord);

        var entering = console.EnterAsync();
        var ringing = await Next(focus.IncomingCalls);
        await Within(ringing.AcceptAsync(new() { Headers = [("Contact", $"<{focus.ContactUri}>;isfocus")] }));
        Assert.True(await Within(entering));
        await Until(() => Shown.Contains("the room cannot be watched: 405", StringComparison.Ordinal));

        Assert.Contains($"you are in {focus.AddressOfRecord}", Shown, StringComparison.Ordinal);
        Assert.Equal(focus.AddressOfRecord, alice.Trace
            .First(record => record.Message.Method == "SUBSCRIBE").Message.RequestUri);
    }

    [Fact, Trait("Spec", "IM 6.1.2.12/intro")]
    public async Task A_call_to_one_other_has_no_roster()
    {
        await using var bob = Handset("bob");
        await using var alice = Handset("alice", proxy: HopTo(bob).Remote);
        var console = Console(alice, bob.AddressOfRecord);

        var entering = console.EnterAsync();
        var call = await Within((await Next(bob.IncomingCalls)).AcceptAsync());
        await Within(entering);
        await Within(call!.Msrp!.Connected);
        await Within(console.RunAsync(new("", "hello")));
        var heard = await Next(call.Msrp.Messages);
        await Within(console.LeaveAsync());

        Assert.Equal(("hello", bob.AddressOfRecord), (heard.Text, heard.Cpim!.To[0].Uri));
        Assert.Equal(CallEndedBy.Peer, (await Within(call.Ended)).By);
        Assert.DoesNotContain(alice.Trace, record => record.Message.Method == "SUBSCRIBE");
    }

    [Fact]
    public async Task Who_leaves_before_the_answer_calls_no_more()
    {
        await using var bob = Handset("bob");
        await using var alice = Handset("alice", proxy: HopTo(bob).Remote);
        var console = Console(alice, bob.AddressOfRecord);

        var entering = console.EnterAsync();
        var ringing = await Next(bob.IncomingCalls);
        await ringing.RingAsync();
        await Within(console.LeaveAsync());

        await Within(ringing.Cancelled);
        Assert.False(await Within(entering));
    }

    [Fact]
    public async Task Without_a_room_a_text_is_for_nobody()
    {
        await using var alice = Handset("alice");

        await Assert.ThrowsAsync<UsageException>(() => Console(alice, null).RunAsync(new("", "hello")));
    }

    public void Dispose() => _output.Dispose();

    private string Shown => _output.ToString();

    private ChatConsole Console(Handset handset, string? target) => new(
        handset,
        new()
        {
            Handset = handset.Options,
            Target = target,
            Blocked = new(BlockList.Empty, null),
        },
        null,
        new(_output, hasColour: false));

    /// <summary>Read while others write.</summary>
    private sealed class Paper : StringWriter
    {
        private readonly Lock _gate = new();

        public override void WriteLine(string? value)
        {
            lock (_gate)
                base.WriteLine(value);
        }

        public override string ToString()
        {
            lock (_gate)
                return base.ToString();
        }
    }
}
