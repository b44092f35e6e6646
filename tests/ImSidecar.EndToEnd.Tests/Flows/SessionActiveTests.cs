using System.Globalization;
using ImSidecar.Client.Calls;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>session-active-policy of a group document, and key participants: IM 7.2.2.3 and 7.2.2.8.</summary>
public class SessionActiveTests(DemoProfile profile) : GroupFlow(profile)
{
    protected override IReadOnlyList<string> Settings => ["--Controlling:ReleaseWhenKeyParticipantsLeave=true"];

    private static string Schedule(DateTimeOffset from, DateTimeOffset until) =>
        $"<oxe:schedule><oxe:time-range><oxe:start-time>{Text(from)}</oxe:start-time>"
        + $"<oxe:end-time>{Text(until)}</oxe:end-time></oxe:time-range></oxe:schedule>";

    private static string Text(DateTimeOffset instant) =>
        instant.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    [Fact, Trait("Spec", "IM 7.2.2.3")]
    public async Task Outside_its_schedule_a_group_has_no_session()
    {
        var alice = await Register("alice");
        var now = DateTimeOffset.UtcNow;
        await Owner.PutGroupAsync(GroupOfThree with { SessionActive = Schedule(now.AddHours(1), now.AddHours(2)) });

        var refused = await RefusedAsync(alice);
        await Owner.PutGroupAsync(GroupOfThree with { SessionActive = Schedule(now.AddHours(-1), now.AddHours(2)) });
        var call = await JoinAsync(alice);

        Assert.Equal((403, "schedule of the group allows no session now"), refused);
        Assert.NotEmpty(call.SessionIdentity);
    }

    [Fact, Trait("Spec", "IM 7.2.2.8")]
    public async Task A_schedule_that_is_taken_back_ends_the_session()
    {
        var alice = await Register("alice");
        await Owner.PutGroupAsync(GroupOfThree);
        var call = await JoinAsync(alice);
        await Within(call.Msrp!.Connected);

        var now = DateTimeOffset.UtcNow;
        await Owner.PutGroupAsync(GroupOfThree with { SessionActive = Schedule(now.AddHours(1), now.AddHours(2)) });

        Assert.Equal(CallEndedBy.Peer, (await Within(call.Ended)).By);
    }

    [Fact, Trait("Spec", "IM 7.2.2.8")]
    public async Task After_max_duration_everybody_is_sent_away_and_told_also_after_a_restart()
    {
        var (alice, bob, _) = await RegisterThree();
        await Owner.PutGroupAsync(GroupOfThree with { SessionActive = "<oxe:max-duration>5</oxe:max-duration>" });
        var first = await JoinAsync(alice);
        var second = await JoinAsync(bob);
        var watching = alice.Subscribe(Skiers);
        await Within(watching.Answered);

        await Profile.KillSidecarAsync();
        await Profile.StartSidecarAsync(Settings);
        var ends = await Within(Task.WhenAll(first.Ended, second.Ended));
        var last = await Within(watching.Terminated);

        Assert.All(ends, end => Assert.Equal(CallEndedBy.Peer, end.By));
        Assert.Equal("noresource", last.Reason);
        Assert.NotEqual(first.SessionIdentity, (await JoinAsync(alice)).SessionIdentity);
    }

    [Fact, Trait("Spec", "IM 7.2.2.8")]
    public async Task Fewer_than_enough_end_the_session()
    {
        var (alice, bob, carol) = await RegisterThree();
        await Owner.PutGroupAsync(GroupOfThree with
        {
            SessionActive = "<oxe:min-participant-count>3</oxe:min-participant-count>",
        });
        var calls = new[] { await JoinAsync(alice), await JoinAsync(bob), await JoinAsync(carol) };

        await Within(calls[2].ByeAsync());

        Assert.Equal(CallEndedBy.Peer, (await Within(calls[0].Ended)).By);
        Assert.Equal(CallEndedBy.Peer, (await Within(calls[1].Ended)).By);
    }

    [Fact, Trait("Spec", "IM 7.2.2.8")]
    public async Task Without_who_is_required_there_is_no_session()
    {
        var (alice, bob, carol) = await RegisterThree();
        await Owner.PutGroupAsync(GroupOfThree with
        {
            SessionActive = "<oxe:required-participants-list><oxe:entry uri=\"sip:carol@example.com\"/>"
                + "</oxe:required-participants-list>",
        });
        var stays = await JoinAsync(alice);
        var leaves = await JoinAsync(bob);
        var required = await JoinAsync(carol);

        await Within(leaves.ByeAsync());
        await Within(stays.Msrp!.Connected);
        Assert.False(stays.Ended.IsCompleted);
        await Within(required.ByeAsync());

        Assert.Equal(CallEndedBy.Peer, (await Within(stays.Ended)).By);
    }

    [Fact, Trait("Spec", "IM 7.2.2.8")]
    public async Task The_last_key_participant_takes_the_session_with_him()
    {
        var (alice, bob, carol) = await RegisterThree();
        await Owner.PutGroupAsync(GroupOfThree with
        {
            Rules = GroupXml.OfMembers + GroupXml.Rule(
                "key", "sip:alice@example.com",
                "<join-handling>true</join-handling><allow-initiate-conference>true</allow-initiate-conference>"
                + "<is-key-participant>true</is-key-participant>"),
        });
        var key = await JoinAsync(alice);
        var calls = new[] { await JoinAsync(bob), await JoinAsync(carol) };

        await Within(key.ByeAsync());

        Assert.All(
            await Within(Task.WhenAll(calls.Select(call => call.Ended))),
            end => Assert.Equal(CallEndedBy.Peer, end.By));
    }
}
