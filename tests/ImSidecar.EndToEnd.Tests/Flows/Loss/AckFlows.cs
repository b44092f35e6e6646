using ImSidecar.Client;
using ImSidecar.Client.Calls;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.Loss;

/// <summary>RFC 3261 13.3.1.4 and 14.2: our 200 and its ACK.</summary>
internal static class AckFlows
{
    public static async Task FifthCopyAsync(Handsets handsets)
    {
        var (alice, path) = await handsets.RegisterBehindAsync(
            "alice", each => IsOur200(each) && each.Copy < 5 ? Fate.Lose : Fate.Pass);
        var bob = await handsets.RegisterAsync("bob");

        var group = await Group.StartAsync(alice, [bob]);

        var copies = path.Passages.Where(IsOur200).Select(each => each.At).ToList();
        Assert.Equal(5, copies.Count);
        Assert.InRange((copies[4] - copies[0]).TotalSeconds, 6.5, 9);
        await TalkAsync(group, alice, bob);
    }

    public static async Task LateAckAsync(Handsets handsets)
    {
        var (alice, path) = await handsets.RegisterBehindAsync(
            "alice", each => !IsAckFor2xx(each) ? Fate.Pass : each.Copy == 1 ? Fate.After(8) : Fate.Lose);
        var bob = await handsets.RegisterAsync("bob");

        var group = await Group.StartAsync(alice, [bob]);
        var answered = path.Passages.First(IsOur200).At;

        // Those at 0, 0.5, 1.5, 3.5 and 7.5 s; none behind the ACK, and no BYE at the end of 32 s.
        await At(answered, 34);
        Assert.Equal(5, path.Count(IsOur200));
        await TalkAsync(group, alice, bob);
    }

    public static async Task NoAckAsync(Handsets handsets)
    {
        var (alice, path) = await handsets.RegisterBehindAsync(
            "alice", each => IsAckFor2xx(each) ? Fate.Lose : Fate.Pass);
        var bob = await handsets.RegisterAsync("bob");
        var carol = await handsets.RegisterAsync("carol");
        var group = await Group.StartAsync(alice, [bob, carol]);

        await AssertRemovedAsync(group, alice, path.Passages.First(IsOur200).At);

        await TalkAsync(group, bob, carol);
    }

    public static async Task NoAckFromOneOfTwoAsync(Handsets handsets)
    {
        var (alice, path) = await handsets.RegisterBehindAsync(
            "alice", each => IsAckFor2xx(each) ? Fate.Lose : Fate.Pass);
        var bob = await handsets.RegisterAsync("bob");
        var group = await Group.StartAsync(alice, [bob]);

        await AssertRemovedAsync(group, alice, path.Passages.First(IsOur200).At);

        Assert.Equal(CallEndedBy.Peer, (await Within(group[bob].Ended)).By);
    }

    public static async Task NoAckForReinviteAsync(Handsets handsets)
    {
        var isOver = false;
        var (alice, path) = await handsets.RegisterBehindAsync(
            "alice", each => Volatile.Read(ref isOver) && IsAckFor2xx(each) ? Fate.Lose : Fate.Pass);
        var bob = await handsets.RegisterAsync("bob");
        var carol = await handsets.RegisterAsync("carol");
        var group = await Group.StartAsync(alice, [bob, carol]);
        await Until(() => path.Count(IsAckFor2xx) > 0);

        Volatile.Write(ref isOver, true);
        Assert.Equal(200, (await Within(group[alice].ReinviteAsync())).Status);

        await AssertRemovedAsync(group, alice, path.Passages.First(each => IsOur200(each) && each.Message.CSeq > 2).At);
        await TalkAsync(group, bob, carol);
    }

    public static async Task TalkAsync(Group group, Handset speaker, Handset listener)
    {
        Assert.Equal(200, await group.SayAsync(speaker, "all is well"));
        Assert.Equal("all is well", (await group.HearAsync(listener)).Text);
    }

    public static Task At(DateTimeOffset start, double seconds)
    {
        var left = start.AddSeconds(seconds) - DateTimeOffset.UtcNow;
        return left > TimeSpan.Zero ? Task.Delay(left) : Task.CompletedTask;
    }

    public static bool IsOur200(Passage passage) => passage.IsToHandset && passage.Answers("INVITE", 200);

    // That for a challenge goes to the factory.
    public static bool IsAckFor2xx(Passage passage) =>
        passage is { IsFromHandset: true, Message: { Method: "ACK", RequestUri: not DemoProfile.Factory } };

    private static async Task AssertRemovedAsync(Group group, Handset handset, DateTimeOffset answered)
    {
        var end = await group[handset].Ended.WaitAsync(TimeSpan.FromSeconds(45));
        Assert.Equal(CallEndedBy.Peer, end.By);
        Assert.InRange((DateTimeOffset.UtcNow - answered).TotalSeconds, 31.5, 34);
    }
}
