using System.Globalization;
using ImSidecar.Client;
using ImSidecar.Client.Blocking;
using ImSidecar.Client.Subscriptions;
using ImSidecar.Protocol.ConferenceInfo;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Ims;

/// <summary>IM D.1 Subscribe to the conference state: two domains, every arrow of the figure on the wire.</summary>
public class ConferenceStateLadderTests(TwoDomainsProfile profile) : DomainsFlow(profile)
{
    [Fact]
    [Trait("Spec", "IM D.1/1"), Trait("Spec", "IM D.1/2"), Trait("Spec", "IM D.1/3"), Trait("Spec", "IM D.1/4")]
    [Trait("Spec", "IM D.1/5"), Trait("Spec", "IM D.1/6"), Trait("Spec", "IM D.1/7"), Trait("Spec", "IM D.1/8")]
    [Trait("Spec", "IM D.1/9"), Trait("Spec", "IM D.1/10"), Trait("Spec", "IM D.1/11"), Trait("Spec", "IM D.1/12")]
    [Trait("Spec", "IM D.1/13"), Trait("Spec", "IM D.1/14"), Trait("Spec", "IM D.1/15"), Trait("Spec", "IM D.1/16")]
    [Trait("Spec", "IM D.1/17"), Trait("Spec", "IM D.1/18"), Trait("Spec", "IM D.1/19"), Trait("Spec", "IM D.1/20")]
    [Trait("Spec", "IM D.1/21"), Trait("Spec", "IM D.1/22"), Trait("Spec", "IM D.1/23"), Trait("Spec", "IM D.1/24")]
    [Trait("Spec", "IM D.1/25"), Trait("Spec", "IM D.1/26"), Trait("Spec", "IM D.1/27"), Trait("Spec", "IM D.1/28")]
    [Trait("Spec", "IM D.1/29"), Trait("Spec", "IM D.1/30"), Trait("Spec", "IM D.1/31"), Trait("Spec", "IM D.1/32")]
    [Trait("Spec", "IM D.1/33"), Trait("Spec", "IM D.1/34")]
    public async Task A_participant_of_another_domain_follows_who_is_there()
    {
        var (alice, bob, carol) = (await At(A, "alice"), await At(X, "bob"), await At(X, "carol"));
        var group = await GroupOf(X, alice, bob, carol);
        alice.Blocked = BlockList.Of(bob.AddressOfRecord, carol.AddressOfRecord);

        // The session stands before the figure begins.
        await Within(bob.Invite(group).Answered);
        await Within(alice.Invite(group).Answered);

        // Steps 1 to 11.
        var watching = alice.Subscribe(group);
        Assert.Equal(200, (await Within(watching.Answered)).Status);
        int[] there = [PortOf(alice), A.Core, A.ImServer, A.Core, X.Core, X.ImServer];
        await AssertWentAsync(watching.CallId, "SUBSCRIBE", 1, there);

        // Steps 12 to 22: everybody, and step 17.
        var full = await Next(watching.Notifications);
        Assert.Equal(ElementState.Full, full.Document!.State);
        Assert.Equal([alice.AddressOfRecord, bob.AddressOfRecord], full.Roster.Select(user => user.Entity).Order());
        Assert.Equal([bob.AddressOfRecord], full.Lines.Where(line => line.IsBlocked).Select(line => line.Entity));
        int[] back = [.. there.Reverse()];
        await AssertWentAsync(watching.CallId, "NOTIFY", CSeqOf(full), back);

        // Steps 23 to 34: only who came, and step 29.
        await Within(carol.Invite(group).Answered);
        var partial = await Next(watching.Notifications);
        Assert.Equal(ElementState.Partial, partial.Document!.State);
        Assert.Equal([carol.AddressOfRecord], partial.Document.Users!.List.Select(user => user.Entity));
        Assert.Equal(3, partial.Roster.Count);
        var joined = Assert.Single(partial.Changes);
        Assert.Equal((RosterChangeKind.Joined, true), (joined.Kind, joined.IsNew && joined.Line.IsBlocked));
        await AssertWentAsync(watching.CallId, "NOTIFY", CSeqOf(partial), back);

        // Only while the subscription is active.
        Assert.Equal(200, (await Within(watching.UnsubscribeAsync())).Status);
        Assert.True((await Within(watching.Terminated)).IsTerminated);
    }

    private static int CSeqOf(Notification notification) =>
        int.Parse(notification.Request["CSeq"]!.Split(' ')[0], CultureInfo.InvariantCulture);
}
