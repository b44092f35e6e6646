using ImSidecar.Client;
using ImSidecar.Client.Calls;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>Two requests about one participant at once: his own, or those of two others.</summary>
public class RaceDialogTests(DemoProfile profile) : RaceFlow(profile)
{
    [Theory, Trait("Spec", "RFC 3261 12.2.2"), InlineData("INVITE"), InlineData("UPDATE")]
    public async Task BYE_against_a_change_of_the_same_user(string method)
    {
        var (alice, bob, carol) = await RegisterThree();

        foreach (var offset in Offsets)
        {
            var group = await Group.StartAsync(alice, [bob, carol]);
            var call = group[bob];

            var (left, changed) = await Race(
                offset, call.ByeAsync, () => method == "INVITE" ? call.ReinviteAsync() : call.UpdateAsync());

            // The one that was numbered first may come second: then it is out of order, if there is a dialog still.
            Assert.Contains(left.Status, (int[])[200, 500]);
            Assert.Contains(changed.Status, (int[])[200, 481, 500]);
            if (left.Status == 500)
                Assert.Equal(200, (await Within(call.SendAsync("BYE"))).Status);
            await AssertRosterAsync(group, alice, carol);
            await Within(group[alice].ByeAsync());
            await Within(group[carol].Ended);
        }
    }

    [Fact, Trait("Spec", "IM 7.2.1.7/9"), Trait("Spec", "IM 7.2.1.7/10")]
    public async Task Two_REFERs_for_one_user_call_him_once()
    {
        var (alice, bob, carol) = await RegisterThree();
        var dave = await Register("dave");

        foreach (var offset in Offsets)
        {
            var group = await Group.StartAsync(alice, [bob, carol]);

            var (one, other) = await Race(
                offset, () => group[alice].ReferAsync("<sip:dave@example.com>"),
                () => group[bob].ReferAsync("<sip:dave@example.com>"));
            var call = await Group.AcceptAsync(dave);
            await Within(call.Acknowledged);

            Assert.Equal((202, 202), (one.Status, other.Status));
            Assert.StartsWith("SIP/2.0 200 ", await LastToldAsync(group[alice]), StringComparison.Ordinal);
            Assert.StartsWith("SIP/2.0 200 ", await LastToldAsync(group[bob]), StringComparison.Ordinal);
            Assert.False(dave.IncomingCalls.TryPeek(out _));
            await AssertRosterAsync(group, alice, bob, carol, dave);
            await Within(Task.WhenAll(
                call.ByeAsync(), group[alice].ByeAsync(), group[bob].ByeAsync(), group[carol].ByeAsync()));
            await AssertReleasedAsync(group.SessionIdentity, alice);
        }
    }

    [Fact, Trait("Spec", "IM 7.2.1.8/2a-v"), Trait("Spec", "IM 7.2.1.10/1")]
    public async Task He_leaves_as_another_removes_him()
    {
        var (alice, bob, carol) = await RegisterThree();

        foreach (var offset in Offsets)
        {
            var group = await Group.StartAsync(alice, [bob, carol]);

            var (left, removed) = await Race(
                offset, group[carol].ByeAsync, () => group[alice].ReferAsync("<sip:carol@example.com;method=BYE>"));

            Assert.Contains(left.Status, (int[])[200, 481]);
            Assert.Contains(removed.Status, (int[])[202, 403]);
            await AssertRosterAsync(group, alice, bob);
            await Within(group[alice].ByeAsync());
            await Within(group[bob].Ended);
        }
    }

    [Fact, Trait("Spec", "IM 7.2.1.6/2"), Trait("Spec", "IM 7.2.1.10/2")]
    public async Task One_moves_as_another_leaves()
    {
        var (alice, bob, carol) = await RegisterThree();

        foreach (var offset in Offsets)
        {
            var group = await Group.StartAsync(alice, [bob, carol]);

            var (left, moved) = await Race(offset, group[carol].ByeAsync, () => group[bob].MoveAsync());

            Assert.Equal((200, 200), (left.Status, moved.Status));
            Assert.Equal(200, await group.SayAsync(alice, "two of us"));
            Assert.Equal("two of us", (await group.HearAsync(bob)).Text);
            await Within(group[alice].ByeAsync());
            await Within(group[bob].Ended);
        }
    }

    // His BYE may be out, not yet answered: then he is still on his way out.
    private static async Task AssertRosterAsync(Group group, params Handset[] handsets)
    {
        var expected = handsets.Select(handset => handset.AddressOfRecord).Order().ToList();
        while (true)
        {
            var watching = handsets[0].Subscribe(group.SessionIdentity, new() { Seconds = 0 });
            var roster = (await Within(watching.Terminated)).Roster;
            var here = roster.Select(user => user.Entity).Order().ToList();
            if (here.SequenceEqual(expected))
                return;

            Assert.True(here.Count > expected.Count, string.Join(", ", here));
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    private static async Task<string> LastToldAsync(Call call)
    {
        while (true)
        {
            var request = await Next(call.Requests);
            if (request.Method == "NOTIFY"
                && request["Subscription-State"]!.StartsWith("terminated", StringComparison.Ordinal))
                return request.Text;
        }
    }
}
