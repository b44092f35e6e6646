using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;
using static ImSidecar.EndToEnd.Tests.Flows.Loss.AckFlows;

namespace ImSidecar.EndToEnd.Tests.Flows.Loss;

/// <summary>An INVITE that comes again after 9 s: it gets the 200 again and makes no second conference.</summary>
internal static class InviteFlows
{
    /// <summary>Its transaction still waits for the ACK.</summary>
    public static async Task RepeatedBeforeAckAsync(Handsets handsets)
    {
        var (alice, path) = await handsets.RegisterBehindAsync("alice", each =>
            IsInvite(each) ? Fate.Again(9)
            : !IsAckFor2xx(each) ? Fate.Pass
            : each.Copy == 1 ? Fate.After(10) : Fate.Lose);
        var bob = await handsets.RegisterAsync("bob");

        var group = await Group.StartAsync(alice, [bob]);

        await AssertAnsweredAgainAsync(path);
        CopyFlows.AssertInvitedOnce(bob);
        await TalkAsync(group, alice, bob);
    }

    /// <summary>Its transaction is over and forgotten.</summary>
    public static async Task RepeatedAfterAckAsync(Handsets handsets)
    {
        var (alice, path) = await handsets.RegisterBehindAsync(
            "alice", each => IsInvite(each) ? Fate.Again(9) : Fate.Pass);
        var bob = await handsets.RegisterAsync("bob");

        var group = await Group.StartAsync(alice, [bob]);

        await AssertAnsweredAgainAsync(path);
        CopyFlows.AssertInvitedOnce(bob);

        // Nobody waits for an ACK of the repeated one.
        await At(path.Passages.First(IsInvite).At, 43);
        await TalkAsync(group, alice, bob);
    }

    /// <summary>It came a longer way, with another branch.</summary>
    public static async Task RepeatedOnAnotherPathAsync(Handsets handsets)
    {
        var alice = await handsets.RegisterAsync("alice");
        var bob = await handsets.RegisterAsync("bob");
        using var longWay = new SecondPath();
        var starting = alice.StartGroup(DemoProfile.Factory, [bob.AddressOfRecord]);
        var bobs = await Group.AcceptAsync(bob);
        var call = await Within(starting.Answered);

        await At(DateTimeOffset.UtcNow, 9);
        var answer = await longWay.RepeatAsync(starting.Request);

        Assert.Equal((200, call.Dialog.RemoteTag), (answer.Status, answer.ToTag));
        Assert.Equal(call.Answer.Text, answer.Text);
        CopyFlows.AssertInvitedOnce(bob);
        Assert.Equal(200, (await Within(call.ByeAsync())).Status);
        await Within(bobs.Ended);
    }

    private static bool IsInvite(Passage passage) =>
        passage is { IsFromHandset: true, Copy: 1, Message: { Method: "INVITE", CSeq: 2 } };

    // From 9 to 11 s no copy comes by itself.
    private static async Task AssertAnsweredAgainAsync(LossyForwarder path)
    {
        var sent = path.Passages.First(IsInvite).At;
        await At(sent, 10.8);
        var answers = path.Passages.Where(IsOur200).ToList();
        Assert.Contains(answers, each => (each.At - sent).TotalSeconds is > 8.9 and < 10.8);
        Assert.Single(answers.Select(each => each.Message.ToTag).Distinct());
    }
}
