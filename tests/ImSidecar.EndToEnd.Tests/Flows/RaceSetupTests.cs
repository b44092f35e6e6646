using ImSidecar.Client;
using ImSidecar.Client.Calls;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>IM 7.2.1.3 and 7.2.1.4: a session of a group begins, or ends, from several sides at once.</summary>
public class RaceSetupTests(DemoProfile profile) : RaceFlow(profile)
{
    private const int Times = 100;

    [Fact, Trait("Spec", "IM 7.2.1.3/8"), Trait("Spec", "IM 7.2.1.3/9")]
    public async Task Two_users_start_one_session_a_hundred_times()
    {
        var alice = await Register("alice");
        var bob = await Register("bob");
        await Owner.PutGroupAsync(new GroupXml(Skiers, AliceBobCarol[..2]) { InvitesMembers = true });
        var sessions = new HashSet<string>();

        for (var i = 0; i < Times; i++)
        {
            var (one, other) = await Race(Offsets[i % 20], () => CallAsync(alice), () => CallAsync(bob));

            Assert.Equal(one.SessionIdentity, other.SessionIdentity);
            Assert.True(sessions.Add(one.SessionIdentity), "the session of before was taken for the new one");
            await AssertTogetherAsync((alice, one), (bob, other));
            await LeaveAsync(one, other);
            await AssertQuietAsync(alice, bob);
        }
    }

    [Fact, Trait("Spec", "IM 7.2.1.4/8"), Trait("Spec", "IM 7.2.1.4/9")]
    public async Task Two_users_open_one_chat_a_hundred_times()
    {
        var alice = await Register("alice");
        var bob = await Register("bob");
        await Owner.PutGroupAsync(GroupOfThree);
        var sessions = new HashSet<string>();

        for (var i = 0; i < Times; i++)
        {
            var (one, other) = await Race(Offsets[i % 20], () => CallAsync(alice), () => CallAsync(bob));

            Assert.Equal(one.SessionIdentity, other.SessionIdentity);
            Assert.True(sessions.Add(one.SessionIdentity), "the session of before was taken for the new one");
            await AssertTogetherAsync((alice, one), (bob, other));
            await LeaveAsync(one, other);
        }
    }

    [Fact, Trait("Spec", "IM 7.2.1.4/8"), Trait("Spec", "IM 7.2.1.4/9")]
    public async Task Two_devices_of_one_user_open_one_chat_a_hundred_times_and_one_of_them_stays()
    {
        var phone = await Register("alice");
        var tablet = await Register("alice");
        var bob = await Register("bob");
        await Owner.PutGroupAsync(GroupOfThree);

        for (var i = 0; i < Times; i++)
        {
            var (one, other) = await Race(Offsets[i % 20], () => CallAsync(phone), () => CallAsync(tablet));

            Assert.Equal(one.SessionIdentity, other.SessionIdentity);
            await Within(Task.WhenAny(one.Ended, other.Ended));
            var stays = one.Ended.IsCompleted ? other : one;
            Assert.False(stays.Ended.IsCompleted);
            var bobs = await CallAsync(bob);
            await AssertTogetherAsync((phone, stays), (bob, bobs));
            await LeaveAsync(stays, bobs);
        }
    }

    [Fact, Trait("Spec", "IM 7.2.1.3/ok-1"), Trait("Spec", "RFC 3261 9.2")]
    public async Task A_member_accepts_as_the_inviter_cancels()
    {
        var (alice, bob, carol) = await RegisterThree();
        await Owner.PutGroupAsync(GroupOfThree with { InvitesMembers = true });
        var outcomes = new HashSet<int>();

        foreach (var offset in Offsets)
        {
            var starting = alice.Invite(Skiers);
            var bobRings = await Next(bob.IncomingCalls);
            var carolRings = await Next(carol.IncomingCalls);

            var (bobs, _) = await Race(offset, () => bobRings.AcceptAsync(), starting.CancelAsync);

            var final = await Within(starting.Final);
            outcomes.Add(final.Status);
            if (final.IsSuccess)
                Assert.Equal(200, (await Within((await Within(starting.Answered)).ByeAsync())).Status);
            else
                Assert.Equal(487, final.Status);

            // With the inviter gone bob waits for carol, or has nobody to wait for.
            if (final.IsSuccess)
                await carolRings.RejectAsync();
            await AssertOutAsync(bobRings, bobs);
            if (!final.IsSuccess)
                await Within(carolRings.Cancelled);
        }

        Assert.Equal([200, 487], outcomes.Order());
    }

    [Fact, Trait("Spec", "IM 7.2.1.4/8"), Trait("Spec", "IM 7.2.1.10/3")]
    public async Task One_joins_a_chat_as_the_last_one_leaves()
    {
        var alice = await Register("alice");
        var bob = await Register("bob");
        await Owner.PutGroupAsync(GroupOfThree);
        var met = new HashSet<bool>();

        foreach (var offset in Offsets)
        {
            var first = await CallAsync(alice);

            var (left, joined) = await Race(offset, first.ByeAsync, () => CallAsync(bob));

            Assert.Equal(200, left.Status);
            met.Add(joined.SessionIdentity == first.SessionIdentity);
            var watching = bob.Subscribe(joined.SessionIdentity, new() { Seconds = 0 });
            Assert.Equal([bob.AddressOfRecord], (await Within(watching.Terminated)).Roster.Select(user => user.Entity));
            Assert.False(joined.Ended.IsCompleted);
            await LeaveAsync(joined);
            await AssertReleasedAsync(first.SessionIdentity, alice);
            await AssertReleasedAsync(joined.SessionIdentity, alice);
        }

        Assert.Equal([false, true], met.Order());
    }

    [Fact, Trait("Spec", "IM 7.2.1.3/9"), Trait("Spec", "IM 7.2.1.10/3")]
    public async Task One_joins_an_arranged_session_as_the_last_other_one_leaves()
    {
        var (alice, bob, carol) = await RegisterThree();
        await Owner.PutGroupAsync(GroupOfThree with { InvitesMembers = true });
        var outcomes = new HashSet<int>();

        foreach (var offset in Offsets)
        {
            var starting = alice.Invite(Skiers);
            var bobs = await Group.AcceptAsync(bob);
            await (await Next(carol.IncomingCalls)).RejectAsync();
            var alices = await Within(starting.Answered);
            await Within(bobs.Acknowledged);

            // Whom a new session invites declines.
            using var over = new CancellationTokenSource();
            var declining = Task.WhenAll(DeclineAsync(alice, over.Token), DeclineAsync(bob, over.Token));
            var (left, final) = await Race(offset, bobs.ByeAsync, () => Within(carol.Invite(Skiers).Final));
            await over.CancelAsync();
            await declining;

            // Either she meets alice, or both are out of the old one and want no new one.
            Assert.Equal(200, left.Status);
            outcomes.Add(final.Status);
            if (final.IsSuccess)
                Assert.Equal(alices.SessionIdentity, final.Contact!.Uri.Text);
            if (final.IsSuccess)
                await LeaveAsync(alices);
            else
                Assert.Equal(CallEndedBy.Peer, (await Within(alices.Ended)).By);
            await AssertReleasedAsync(alices.SessionIdentity, bob);
        }

        Assert.Equal([200, 486], outcomes.Order());
    }

    private async Task<Call> CallAsync(Handset handset) => await Within(handset.Invite(Skiers).Answered);

    private static async Task LeaveAsync(params Call[] calls)
    {
        foreach (var call in calls)
        {
            if (!call.Ended.IsCompleted)
                await Within(call.ByeAsync());
        }

        await Within(Task.WhenAll(calls.Select(call => call.Ended)));
    }

    // They hear each other: both are in the same session, and in it once.
    private static async Task AssertTogetherAsync((Handset, Call) one, (Handset, Call) other)
    {
        var group = Group.Of(one, other);
        await group.ConnectedAsync();
        Assert.Equal(200, await group.SayAsync(one.Item1, "hello"));
        Assert.Equal("hello", (await group.HearAsync(other.Item1)).Text);
        group.AssertHeardNothing(other.Item1);
    }

    private static async Task DeclineAsync(Handset handset, CancellationToken over)
    {
        try
        {
            await foreach (var ringing in handset.IncomingCalls.ReadAllAsync(over))
                await ringing.RejectAsync();
        }
        catch (OperationCanceledException)
        {
            // The race is over.
        }
    }

    // Who called himself may have been invited a moment before: nobody rings on.
    private static async Task AssertQuietAsync(params Handset[] handsets)
    {
        foreach (var ringing in handsets.SelectMany(handset => Read(handset.IncomingCalls)))
            await Within(ringing.Cancelled);
    }
}
