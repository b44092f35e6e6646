using ImSidecar.Client.Calls;
using ImSidecar.Client.Msrp;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>A participant whose connection stands while nobody is behind it any more: he is noticed and removed.</summary>
public class VanishedTests(DemoProfile profile) : GroupFlow(profile)
{
    // The link waits 32 s for the answers of who does not live any more.
    private static readonly TimeSpan _twoTransactions = TimeSpan.FromSeconds(90);

    private static readonly AcceptOptions _stays = new() { Msrp = new() { ConnectsOnReinvite = false } };

    protected override IReadOnlyList<string> Settings =>
    [
        "--Msrp:KeepAlive=00:00:02", "--Msrp:TransactionTimeout=00:00:02", "--Controlling:MediaReconnect=00:00:01",
    ];

    [Fact]
    public async Task Who_answers_nothing_any_more_is_removed_and_the_others_go_on()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol], accept: _stays);

        group[bob].Msrp!.PauseReading();

        Assert.Equal(CallEndedBy.Peer, (await Within(group[bob].Ended)).By);
        Assert.Equal(200, await group.SayAsync(alice, "bob is gone"));
        Assert.Equal("bob is gone", (await group.HearAsync(carol)).Text);
        Assert.False(group[carol].Ended.IsCompleted);
    }

    [Fact]
    public async Task Who_is_silent_and_answers_when_asked_stays()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol], accept: _stays);

        await Until(() => group[bob].Msrp!.Chunks.Count > 2);

        Assert.Equal(200, await group.SayAsync(bob, "still here"));
        Assert.Equal("still here", (await group.HearAsync(alice)).Text);
        Assert.All(group[bob].Msrp!.Chunks, chunk => Assert.False(chunk.Head.HasBody));
    }

    [Fact, Trait("Spec", "RFC 4975 7.1.2")]
    public async Task Between_two_a_report_says_that_nobody_was_there_to_hear_it()
    {
        var alice = await Register("alice");
        var bob = await Register("bob");
        var group = await Group.StartAsync(alice, [bob], accept: _stays);
        group[bob].Msrp!.PauseReading();

        var sent = await Within(group[alice].Msrp!.SendTextAsync(
            alice.AddressOfRecord, bob.AddressOfRecord, "are you there?", new() { WantsSuccessReport = true }));

        var report = await Next(group[alice].Msrp!.Reports);
        Assert.Equal((sent.MessageId, 408), (report.MessageId, report.Status));
        await Within(group[alice].Ended);
    }

    [Fact]
    public async Task A_frozen_client_leaves_the_conference_state()
    {
        await Owner.PutGroupAsync(GroupOfThree);
        var alice = await Register("alice");
        var call = await JoinAsync(alice);
        var watching = alice.Subscribe(call.SessionIdentity);
        await using var bob = ChatProcess.Start("demo", ["--user", "bob", "--group", Skiers]);
        await bob.SeesAsync("alice is here");
        await ReadUntil(watching, told => told.Roster.Any(user => user.Entity.StartsWith("sip:bob@", StringComparison.Ordinal)));

        using (bob.Freeze())
        {
            using var limit = new CancellationTokenSource(_twoTransactions);
            await foreach (var told in watching.Notifications.ReadAllAsync(limit.Token))
            {
                if (told.Roster.All(user => !user.Entity.StartsWith("sip:bob@", StringComparison.Ordinal)))
                    break;
            }
        }

        Assert.Equal(200, (await Within(call.ByeAsync())).Status);
    }
}
