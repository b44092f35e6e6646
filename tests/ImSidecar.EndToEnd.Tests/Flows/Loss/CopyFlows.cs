using ImSidecar.Client;
using ImSidecar.Client.Calls;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.ConferenceInfo;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.Loss;

/// <summary>Every request in both directions, its copies and those of its answers: none is done twice.</summary>
internal static class CopyFlows
{
    private static readonly string[] _received = ["INVITE", "ACK", "SUBSCRIBE", "OPTIONS", "UPDATE", "BYE"];

    public static async Task LostOnceAsync(Handsets handsets)
    {
        var (alice, alicesPath) = await handsets.RegisterBehindAsync("alice", LosesFirstCopies);
        var (bob, bobsPath) = await handsets.RegisterBehindAsync("bob", LosesFirstCopies);
        var carol = await handsets.RegisterAsync("carol");

        await LiveAsync(alice, bob, carol);

        foreach (var method in _received)
            await Repeats(alicesPath, each => each.Message.Method == method);
        await Repeats(alicesPath, each => each.Answers("NOTIFY", 200));
        await Repeats(bobsPath, each => each.Answers("INVITE", 200));
        await Repeats(bobsPath, each => each.Answers("BYE", 200));
        AssertInvitedOnce(bob, carol);
    }

    public static async Task DoubledAsync(Handsets handsets)
    {
        var (alice, alicesPath) = await handsets.RegisterBehindAsync("alice", Doubles);
        var (bob, bobsPath) = await handsets.RegisterBehindAsync("bob", Doubles);
        var carol = await handsets.RegisterAsync("carol");

        await LiveAsync(alice, bob, carol);

        AssertAnsweredTheSame(alicesPath);
        AssertAnsweredTheSame(bobsPath);
        AssertInvitedOnce(bob, carol);
    }

    public static async Task LostByChanceAsync(Handsets handsets)
    {
        var dice = new Random(20261126);
        Fate Throw(Passage passage)
        {
            lock (dice)
                return dice.Next(5) == 0 ? Fate.Lose : Fate.Pass;
        }

        var (alice, _) = await handsets.RegisterBehindAsync("alice", Throw);
        var (bob, _) = await handsets.RegisterBehindAsync("bob", Throw);
        var (carol, _) = await handsets.RegisterBehindAsync("carol", Throw);

        await LiveAsync(alice, bob, carol);

        AssertInvitedOnce(bob, carol);
    }

    public static async Task CancelAsync(Handsets handsets, Func<Passage, Fate> rule)
    {
        var (alice, alicesPath) = await handsets.RegisterBehindAsync("alice", rule);
        var (bob, bobsPath) = await handsets.RegisterBehindAsync("bob", rule);
        var starting = alice.StartGroup(DemoProfile.Factory, [bob.AddressOfRecord, "sip:nobody@example.com"]);
        var ringing = await Next(bob.IncomingCalls);
        await ringing.RingAsync();

        var cancelled = await Within(starting.CancelAsync());

        Assert.Equal(200, cancelled!.Status);
        Assert.Equal(487, (await Within(starting.Final)).Status);
        await Within(ringing.Cancelled);
        await Until(() => bobsPath.Count(each => each.IsToHandset && each.Message.Method == "ACK") > 0);
        AssertAnsweredTheSame(alicesPath);
        AssertInvitedOnce(bob);
    }

    public static Fate LosesFirstCopies(Passage passage) =>
        passage is { Copy: 1, Message.CSeqMethod: not "REGISTER" } ? Fate.Lose : Fate.Pass;

    public static Fate Doubles(Passage passage) => Fate.Again(0.2);

    // All there is, up to the end of the session.
    private static async Task LiveAsync(Handset alice, Handset bob, Handset carol)
    {
        var group = await Group.StartAsync(alice, [bob, carol]);
        var watching = alice.Subscribe(group.SessionIdentity);
        await Next(watching.Notifications);
        Assert.Equal(200, (await Within(watching.RefreshAsync(600))).Status);
        await Flow.ReadUntil(watching, told => told.Document!.State == ElementState.Full);

        Assert.Equal(200, (await Within(alice.OptionsAsync(DemoProfile.Factory))).Status);
        Assert.Equal(200, (await Within(group[alice].ReinviteAsync())).Status);
        Assert.Equal(200, (await Within(group[bob].ReinviteAsync())).Status);
        Assert.Equal(200, (await Within(group[alice].UpdateAsync())).Status);
        Assert.Equal(200, await group.SayAsync(bob, "in spite of all"));
        Assert.Equal("in spite of all", (await group.HearAsync(alice)).Text);

        Assert.Equal(200, (await Within(group[carol].ByeAsync())).Status);
        var left = await Flow.ReadUntil(watching, told => told.Roster.Count == 2);
        Assert.Equal(ViewOutcome.Applied, left[^1].Outcome);
        Assert.Equal(200, (await Within(group[alice].ByeAsync())).Status);
        Assert.Equal(CallEndedBy.Peer, (await Within(group[bob].Ended)).By);
        Assert.Equal("noresource", (await Within(watching.Terminated)).Reason);
    }

    private static Task Repeats(LossyForwarder path, Func<Passage, bool> which) =>
        Until(() => path.Count(each => each.IsFromHandset && each.Copy > 1 && which(each)) > 0);

    public static void AssertInvitedOnce(params ReadOnlySpan<Handset> handsets)
    {
        foreach (var handset in handsets)
        {
            Assert.Single(handset.Trace
                .Where(record => record is { IsOutgoing: false, Message: { Method: "INVITE", ToTag: null } })
                .Select(record => record.Message.CallId)
                .Distinct());
        }
    }

    // Challenges are Kamailio's own, and fresh each time.
    private static void AssertAnsweredTheSame(LossyForwarder path)
    {
        var answers = path.Passages
            .Where(each => each.IsToHandset && each.Message is { IsFinal: true, CSeqMethod: not "REGISTER" })
            .Where(each => each.Message.Status is not 401 and not 407)
            .GroupBy(each => (each.Message.Branch, each.Message.CSeqMethod))
            .ToList();
        Assert.NotEmpty(answers);
        Assert.All(answers, copies => Assert.Single(copies.Select(Whole).Distinct()));

        static string Whole(Passage each) =>
            $"{each.Message}\n{string.Join('\n', each.Message.Headers)}\n{each.Message.Text}";
    }
}
