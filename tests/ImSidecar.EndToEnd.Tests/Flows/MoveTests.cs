using ImSidecar.Client;
using ImSidecar.Client.Msrp;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.Sdp;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>IM 7.2.1.6: a participant moves while the others talk. He hears everything, once and in order.</summary>
public class MoveTests(DemoProfile profile) : Flow(profile)
{
    private const int Moves = 50;

    public static MatrixTheoryData<string, bool> Ways { get; } = new(["INVITE", "UPDATE"], [false, true]);

    [Theory, Trait("Spec", "IM 7.2.1.6/2"), Trait("Spec", "IM 7.2.1.6/3"), Trait("Spec", "IM 7.2.1.6/3b")]
    [Trait("Spec", "IM 7.2.1.6/NOTE"), MemberData(nameof(Ways))]
    public async Task Who_moves_fifty_times_misses_nothing_that_is_said(string method, bool keepsConnection)
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);
        using var over = new CancellationTokenSource();

        var talking = TalkAsync(group, alice, over.Token);
        for (var i = 0; i < Moves; i++)
        {
            Assert.Equal(200, (await Within(group[bob].MoveAsync(method, keepsConnection))).Status);
            Assert.Equal(200, await Within(group[bob].Msrp!.Bound));
        }

        await over.CancelAsync();
        var said = await Within(talking);

        Assert.True(said >= 10, $"{said} messages are no talk");
        await AssertHeardAsync(group, bob, said);
        await AssertHeardAsync(group, carol, said);
        Assert.Empty(Read(group[carol].Requests));
        Assert.Equal(200, await group.SayAsync(bob, "here I am"));
        Assert.Equal("here I am", (await group.HearAsync(carol)).Text);
    }

    [Fact, Trait("Spec", "IM 7.2.1.6/2")]
    public async Task Who_listens_for_the_switch_moves_too()
    {
        var (alice, bob, carol) = await RegisterThree();
        var listening = new MsrpOptions { OfferedSetup = SetupRole.Passive, PreferredSetup = SetupRole.Passive };
        var group = await Group.StartAsync(alice, [bob, carol], accept: new() { Msrp = listening });

        for (var i = 0; i < 8; i++)
        {
            Assert.Equal(200, await group.SayAsync(alice, $"before {i}"));
            Assert.Equal(200, (await Within(group[bob].MoveAsync())).Status);
            Assert.Equal(200, await group.SayAsync(alice, $"behind {i}"));
            Assert.Equal($"before {i}", (await group.HearAsync(bob)).Text);
            Assert.Equal($"behind {i}", (await group.HearAsync(bob)).Text);
        }
    }

    [Fact, Trait("Spec", "IM 7.2.1.6/2")]
    public async Task A_large_message_under_way_arrives_whole()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol], accept: new() { Msrp = new() { MaxSize = null } });
        var body = Bodies.Cpim(alice.AddressOfRecord, group.SessionIdentity, new('x', 4_000_000));

        var sending = group[alice].Msrp!.SendAsync("message/cpim", body, new() { ChunkSize = 16_000 });
        for (var i = 0; i < 10; i++)
            Assert.Equal(200, (await Within(group[bob].MoveAsync())).Status);
        Assert.Equal(200, (await Within(sending)).Status);
        Assert.Equal(200, await group.SayAsync(alice, "that was it"));

        // The one who moved may have had to give a part of it up; then he has nothing of it.
        Assert.Equal(4_000_000, (await group.HearAsync(carol)).Text!.Length);
        var heard = await group.HearAsync(bob);
        if (heard.Text!.Length == 4_000_000)
            heard = await group.HearAsync(bob);
        Assert.Equal("that was it", heard.Text);
        Assert.False(group[bob].Ended.IsCompleted);
    }

    [Fact, Trait("Spec", "IM 7.2.1.6/3a")]
    public async Task Who_takes_less_than_before_gets_less()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);

        var answer = await Within(group[bob].MoveAsync(acceptWrappedTypes: ["text/html"]));
        Assert.Equal(200, await group.SayAsync(alice, "plain"));
        Assert.Equal("plain", (await group.HearAsync(carol)).Text);
        await Within(group[bob].MoveAsync(acceptWrappedTypes: ["text/plain"]));
        Assert.Equal(200, await group.SayAsync(alice, "plain again"));

        Assert.Contains("a=accept-wrapped-types:text/html\r\n", answer.Text, StringComparison.Ordinal);
        Assert.Equal("plain again", (await group.HearAsync(bob)).Text);
    }

    private static async Task<int> TalkAsync(Group group, Handset speaker, CancellationToken over)
    {
        var said = 0;
        for (; !over.IsCancellationRequested; said++)
            Assert.Equal(200, await group.SayAsync(speaker, $"number {said}"));
        return said;
    }

    private static async Task AssertHeardAsync(Group group, Handset listener, int said)
    {
        for (var i = 0; i < said; i++)
            Assert.Equal($"number {i}", (await group.HearAsync(listener)).Text);
        group.AssertHeardNothing(listener);
    }
}
