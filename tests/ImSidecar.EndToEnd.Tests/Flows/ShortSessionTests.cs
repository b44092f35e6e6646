using System.Diagnostics;
using ImSidecar.Client.Calls;
using ImSidecar.Client.Sip;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>IM 7.2.1.11 with sessions of three seconds: refreshed, expired, and both at once.</summary>
public class ShortSessionTests(DemoProfile profile) : Flow(profile)
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(3);
    private static readonly InviteOptions _lazy = new() { KeepsSessionTimer = false };

    protected override IReadOnlyList<string> Settings =>
        ["--Controlling:MinSessionInterval=00:00:01", "--Controlling:SessionInterval=00:00:03"];

    [Fact, Trait("Spec", "IM 7.2.1.11/exp"), Trait("Spec", "IM 7.2.1.9/1"), Trait("Spec", "IM 7.2.1.9/ok-3")]
    public async Task Who_does_not_refresh_is_sent_away_and_the_others_are_told()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol], _lazy);
        var watching = bob.Subscribe(group.SessionIdentity);

        var end = await Within(group[alice].Ended);
        var told = await ReadUntil(
            watching, each => each.Roster.All(user => user.Entity != alice.AddressOfRecord));

        Assert.Equal(CallEndedBy.Peer, end.By);
        Assert.NotEmpty(told);
        Assert.Equal(200, await group.SayAsync(bob, "two of us"));
        Assert.Equal("two of us", (await group.HearAsync(carol)).Text);
        Assert.Equal("3;refresher=uac", group[alice].Answer["Session-Expires"]);
    }

    [Fact, Trait("Spec", "IM 7.2.1.11/exp")]
    public async Task An_invited_user_who_does_not_refresh_is_sent_away_too()
    {
        var (alice, bob, carol) = await RegisterThree();
        var starting = alice.StartGroup(DemoProfile.Factory, [bob.AddressOfRecord, carol.AddressOfRecord]);
        var bobs = await Group.AcceptAsync(bob, new() { KeepsSessionTimer = false });
        var carols = await Group.AcceptAsync(carol);
        var call = await Within(starting.Answered);

        Assert.Equal(CallEndedBy.Peer, (await Within(bobs.Ended)).By);
        Assert.False(call.Ended.IsCompleted);
        Assert.False(carols.Ended.IsCompleted);
    }

    [Theory, Trait("Spec", "IM 7.2.1.11/1"), InlineData("INVITE"), InlineData("UPDATE")]
    public async Task Who_refreshes_stays_beyond_the_interval(string method)
    {
        var (alice, bob, _) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob], _lazy);
        var watch = Stopwatch.StartNew();

        while (watch.Elapsed < 2 * _interval)
        {
            await Task.Delay(_interval / 3, TestContext.Current.CancellationToken);
            var answer = await RefreshAsync(group[alice], method);
            Assert.Equal((200, "3;refresher=uac"), (answer.Status, answer["Session-Expires"]));
        }

        Assert.False(group[alice].Ended.IsCompleted);
        Assert.Equal(CallEndedBy.Peer, (await Within(group[alice].Ended)).By);
    }

    [Fact, Trait("Spec", "RFC 4028 9")]
    public async Task Who_knows_no_session_timers_is_not_supervised()
    {
        var (alice, bob, _) = await RegisterThree();
        var group = await Group.StartAsync(
            alice, [bob], _lazy with { SessionExpires = null, Headers = [("Supported", null)] });

        await Task.Delay(2 * _interval, TestContext.Current.CancellationToken);

        Assert.False(group[alice].Ended.IsCompleted);
        Assert.Equal(200, await group.SayAsync(alice, "still here"));
    }

    [Theory, Trait("Spec", "IM 7.2.1.11/exp"), Trait("Spec", "IM 7.2.1.11/1")]
    [InlineData("INVITE"), InlineData("UPDATE")]
    public async Task A_refresh_against_the_expiry(string method)
    {
        var alice = await Register("alice");
        var bob = await Register("bob");

        var outcomes = new List<Task<int>>();
        for (var step = 0; step < 20; step++)
        {
            var group = await Group.StartAsync(alice, [bob], _lazy);
            outcomes.Add(RefreshAtAsync(group[alice], method, Stopwatch.StartNew(), OffsetOf(step)));
        }

        Assert.Equal([200, 481], (await Task.WhenAll(outcomes)).Distinct().Order());
    }

    // Milliseconds: at once, around three seconds, and when it is over.
    private static int? OffsetOf(int step) => step switch
    {
        0 => 0,
        19 => null,
        _ => 2870 + 15 * step,
    };

    // Not both: who was refreshed is in, who is out was not refreshed.
    private static async Task<int> RefreshAtAsync(Call call, string method, Stopwatch since, int? milliseconds)
    {
        if (milliseconds is { } offset)
        {
            var rest = offset - (int)since.ElapsedMilliseconds;
            await Task.Delay(Math.Max(0, rest), TestContext.Current.CancellationToken);
        }
        else
        {
            await Within(call.Ended);
        }

        var answer = await RefreshAsync(call, method);
        Assert.Contains(answer.Status, (int[])[200, 481]);
        if (answer.Status == 481)
        {
            Assert.Equal(CallEndedBy.Peer, (await Within(call.Ended)).By);
            return answer.Status;
        }

        Assert.Equal(200, (await Within(call.ByeAsync())).Status);
        return answer.Status;
    }

    private static Task<SipMessage> RefreshAsync(Call call, string method) => Within(method == "INVITE"
        ? call.ReinviteAsync()
        : call.UpdateAsync([("Supported", "timer"), ("Session-Expires", "3;refresher=uac")]));
}
