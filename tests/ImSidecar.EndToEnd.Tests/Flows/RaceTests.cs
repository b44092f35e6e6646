using ImSidecar.Client.Calls;
using ImSidecar.Client.Sip.Transport;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>Two things at the same time, some milliseconds before and after each other: both sides agree.</summary>
public class RaceTests(DemoProfile profile) : RaceFlow(profile)
{
    [Theory]
    [InlineData(SipProtocol.Udp)]
    [InlineData(SipProtocol.Tcp)]
    public async Task CANCEL_against_200(SipProtocol transport)
    {
        var alice = await Register("alice", transport);
        var bob = await Register("bob", transport);
        var outcomes = new HashSet<int>();

        foreach (var offset in Offsets)
        {
            var starting = alice.StartGroup(DemoProfile.Factory, [bob.AddressOfRecord]);
            var rings = await Next(bob.IncomingCalls);

            var (bobs, _) = await Race(offset, () => rings.AcceptAsync(), starting.CancelAsync);

            var final = await Within(starting.Final);
            outcomes.Add(final.Status);
            if (final.IsSuccess)
                Assert.Equal(200, (await Within((await Within(starting.Answered)).ByeAsync())).Status);
            else
                Assert.Equal(487, final.Status);
            await AssertOutAsync(rings, bobs);
        }

        Assert.Equal([200, 487], outcomes.Order());
    }

    [Fact]
    public async Task BYE_from_both_sides()
    {
        var alice = await Register("alice");
        var bob = await Register("bob");

        foreach (var offset in Offsets)
        {
            var group = await Group.StartAsync(alice, [bob]);

            var (first, second) = await Race(offset, group[alice].ByeAsync, group[bob].ByeAsync);

            Assert.All([first.Status, second.Status], status => Assert.Contains(status, (int[])[200, 481]));
            Assert.Contains(200, (int[])[first.Status, second.Status]);
            await AssertReleasedAsync(group.SessionIdentity, alice);
        }
    }

    [Fact]
    public async Task A_reINVITE_against_our_BYE()
    {
        var alice = await Register("alice");
        var bob = await Register("bob");

        foreach (var offset in Offsets)
        {
            var group = await Group.StartAsync(alice, [bob]);

            var (left, again) = await Race(offset, group[bob].ByeAsync, () => group[alice].ReinviteAsync());

            Assert.Equal(200, left.Status);
            Assert.Contains(again.Status, (int[])[200, 481]);
            Assert.Equal(CallEndedBy.Peer, (await Within(group[alice].Ended)).By);
            await AssertReleasedAsync(group.SessionIdentity, alice);
        }
    }

    [Fact, Trait("Spec", "IM 7.9.1.1.6/1")]
    public async Task A_refreshing_SUBSCRIBE_against_the_end_of_the_session()
    {
        var alice = await Register("alice");
        var bob = await Register("bob");

        foreach (var offset in Offsets)
        {
            var group = await Group.StartAsync(alice, [bob]);
            var watching = bob.Subscribe(group.SessionIdentity);
            await Next(watching.Notifications);

            var (left, answer) = await Race(offset, group[alice].ByeAsync, () => watching.RefreshAsync());

            Assert.Equal(200, left.Status);
            Assert.Contains(answer.Status, (int[])[200, 481]);
            Assert.Equal("noresource", (await Within(watching.Terminated)).Reason);
            Assert.Equal(481, (await Within(watching.RefreshAsync())).Status);
            await Within(group[bob].Ended);
        }
    }

    [Fact]
    public async Task A_refreshing_SUBSCRIBE_against_the_expiry()
    {
        var alice = await Register("alice");
        var bob = await Register("bob");
        var group = await Group.StartAsync(alice, [bob]);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(async step =>
        {
            var watching = (step < 10 ? alice : bob).Subscribe(group.SessionIdentity, new() { Seconds = 2 });
            Assert.Equal(200, (await Within(watching.Answered)).Status);
            if (step == 19)
                await Within(watching.Terminated);
            else
                await Task.Delay(ExpiryOffset(step), TestContext.Current.CancellationToken);
            var answer = await Within(watching.RefreshAsync(600));

            // Not both: a subscription that was refreshed is not over, one that is over was not refreshed.
            Assert.Contains(answer.Status, (int[])[200, 481]);
            if (answer.Status == 481)
                Assert.Equal("timeout", (await Within(watching.Terminated)).Reason);
            else
                Assert.Equal(200, (await Within(watching.UnsubscribeAsync())).Status);
            await Within(watching.Terminated);
            return answer.Status;
        }));

        Assert.Equal([200, 481], outcomes.Distinct().Order());
    }

    [Fact, Trait("Spec", "IM 7.2.1.10/3")]
    public async Task An_invited_user_accepts_as_the_last_other_one_leaves()
    {
        var (alice, bob, carol) = await RegisterThree();

        foreach (var offset in Offsets)
        {
            var starting = alice.StartGroup(DemoProfile.Factory, [bob.AddressOfRecord, carol.AddressOfRecord]);
            var carolRings = await Next(carol.IncomingCalls);
            var bobs = await Group.AcceptAsync(bob);
            var call = await Within(starting.Answered);
            await Within(call.ByeAsync());

            var (left, carols) = await Race(offset, bobs.ByeAsync, () => carolRings.AcceptAsync());

            Assert.Equal(200, left.Status);
            await AssertOutAsync(carolRings, carols);
            Assert.Equal(403, (await Within(alice.Invite(call.SessionIdentity).Final)).Status);
        }
    }

    [Fact, Trait("Spec", "IM 7.2.1.10/3")]
    public async Task The_session_is_released_while_an_invited_user_rings()
    {
        var (alice, bob, carol) = await RegisterThree();
        var starting = alice.StartGroup(DemoProfile.Factory, [bob.AddressOfRecord, carol.AddressOfRecord]);
        var carolRings = await Next(carol.IncomingCalls);
        await carolRings.RingAsync();
        var bobs = await Group.AcceptAsync(bob);
        var call = await Within(starting.Answered);

        await Within(call.ByeAsync());
        await Within(bobs.ByeAsync());

        await Within(carolRings.Cancelled);
        Assert.Equal(403, (await Within(alice.Invite(call.SessionIdentity).Final)).Status);
    }

    // Milliseconds: at once, and around two seconds; the last one waits for the end.
    private static int ExpiryOffset(int step) => step == 0 ? 0 : 1890 + 10 * step;
}
