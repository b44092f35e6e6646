using ImSidecar.Client.Calls;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;
using static ImSidecar.EndToEnd.Tests.Flows.Loss.AckFlows;

namespace ImSidecar.EndToEnd.Tests.Flows.Loss;

/// <summary>A request of ours that nobody answers within 32 s.</summary>
internal static class SilenceFlows
{
    /// <summary>RFC 6665 4.2.2: the subscription ends, the session does not.</summary>
    public static async Task NotifyAsync(Handsets handsets)
    {
        var (alice, path) = await handsets.RegisterBehindAsync("alice", _ => Fate.Pass);
        var bob = await handsets.RegisterAsync("bob");
        var carol = await handsets.RegisterAsync("carol");
        var group = await Group.StartAsync(alice, [bob, carol]);
        var silent = alice.Subscribe(group.SessionIdentity);
        await Next(silent.Notifications);
        var watching = bob.Subscribe(group.SessionIdentity);
        await Next(watching.Notifications);

        path.Rule = each => each.Message.Method == "NOTIFY" ? Fate.Lose : Fate.Pass;
        Assert.Equal(200, (await Within(group[carol].ByeAsync())).Status);
        await Flow.ReadUntil(watching, told => told.Roster.Count == 2);
        await Until(() => path.Count(each => each.Message.Method == "NOTIFY" && each.Copy > 1) > 0);
        await At(path.Passages.Last(each => each is { Copy: 1, Message.Method: "NOTIFY" }).At, 35);
        path.Rule = _ => Fate.Pass;

        Assert.Equal(481, (await Within(silent.RefreshAsync())).Status);
        Assert.Equal(200, (await Within(watching.RefreshAsync())).Status);
        await TalkAsync(group, alice, bob);
        await Next(alice.Subscribe(group.SessionIdentity).Notifications);
    }

    /// <summary>IM 7.2.1.9: who does not answer our BYE is out all the same.</summary>
    public static async Task ByeAsync(Handsets handsets)
    {
        var alice = await handsets.RegisterAsync("alice");
        var (bob, path) = await handsets.RegisterBehindAsync(
            "bob", each => each is { IsToHandset: true, Message.Method: "BYE" } ? Fate.Lose : Fate.Pass);
        var group = await Group.StartAsync(alice, [bob]);

        Assert.Equal(200, (await Within(group[alice].ByeAsync())).Status);
        await Until(() => path.Count(each => each.IsToHandset && each.Message.Method == "BYE") > 0);
        await At(DateTimeOffset.UtcNow, 35);

        Assert.InRange(path.Count(each => each.IsToHandset && each.Message.Method == "BYE"), 9, 12);
        Assert.Equal(481, (await Within(group[bob].ByeAsync())).Status);
        Assert.Equal(CallEndedBy.Us, (await group[bob].Ended).By);
    }
}
