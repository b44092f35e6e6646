using ImSidecar.Client.Calls;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.ConferenceInfo;
using ImSidecar.Protocol.Sdp;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.Crash;

/// <summary>Kamailio dies with all its transactions, the sidecar lives or dies with it.</summary>
public class KamailioCrashTests(DemoProfile profile) : CrashFlow(profile)
{
    [Fact]
    public async Task Who_rings_stops_and_the_others_go_on()
    {
        var (alice, bob, carol) = await RegisterThree();
        var (group, ringing) = await TalkWhileOneRings(alice, bob, carol);

        await CrashKamailioAsync();

        await Within(ringing.Cancelled);
        await TalkAsync(group, alice, bob);
        await LeaveAsync(group[bob], group[alice]);
    }

    [Fact]
    public async Task Both_die_at_once_and_who_rings_stops()
    {
        var (alice, bob, carol) = await RegisterThree();
        var (group, ringing) = await TalkWhileOneRings(alice, bob, carol);

        await Profile.KillSidecarAsync();
        await Profile.KillKamailioAsync();
        await Profile.LaunchSidecarAsync();
        await Profile.StartKamailioAsync();

        await Within(ringing.Cancelled);
        await TalkAsync(group, alice, bob);
        await LeaveAsync(group[bob], group[alice]);
    }

    [Fact]
    public async Task Who_accepts_what_nobody_knows_any_more_gets_ACK_and_BYE()
    {
        // Without a 180 there is no early dialog to end.
        var (alice, bob, _) = await RegisterThree();
        _ = alice.StartGroup(DemoProfile.Factory, [bob.AddressOfRecord]);
        var ringing = await Next(bob.IncomingCalls);

        await CrashKamailioAsync();

        var call = await Within(ringing.AcceptAsync(new() { Msrp = new() { PreferredSetup = SetupRole.Passive } }));
        await Within(call!.Acknowledged);
        Assert.Equal(CallEndedBy.Peer, (await Within(call.Ended)).By);
    }

    [Fact]
    public async Task A_copy_of_an_accepted_200_gets_its_ACK_from_the_new_one()
    {
        var isDead = false;
        var alice = await Register("alice");
        var bob = await Register("bob", options: new()
        {
            User = "bob",
            IsLost = record => !isDead && record is { IsOutgoing: false, Message.Method: "ACK" },
        });
        var starting = alice.StartGroup(DemoProfile.Factory, [bob.AddressOfRecord]);
        var bobs = await Group.AcceptAsync(bob);
        var alices = await Within(starting.Answered);

        await Profile.KillKamailioAsync();
        isDead = true;
        await Profile.StartKamailioAsync();

        await Within(bobs.Acknowledged);
        await TalkAsync(Group.Of((alice, alices), (bob, bobs)), alice, bob);
        await LeaveAsync(alices, bobs);
    }

    [Fact]
    public async Task An_ACK_for_our_200_comes_to_the_new_one()
    {
        // The answer is in the ACK: without it there is no path for messages.
        var isBack = false;
        var alice = await Register("alice", options: new()
        {
            User = "alice",
            IsLost = record => record is { IsOutgoing: true, Message.Method: "ACK" } && !isBack
                && !record.Message.SdpBody.IsEmpty,
        });
        var bob = await Register("bob");
        var starting = alice.StartGroup(DemoProfile.Factory, [bob.AddressOfRecord], new() { Offer = SdpOffer.Late });
        var bobs = await Group.AcceptAsync(bob);
        var answer = await Within(starting.Final);
        var alices = await Within(starting.Answered);

        await CrashKamailioAsync();
        isBack = true;
        alices.Acknowledge(answer);

        await TalkAsync(Group.Of((alice, alices), (bob, bobs)), alice, bob);
        await LeaveAsync(alices, bobs);
    }

    [Fact]
    public async Task A_NOTIFY_and_a_BYE_in_flight_go_again_as_requests_of_their_own()
    {
        var isDead = false;
        var (alice, carol) = (await Register("alice"), await Register("carol"));
        var bob = await Register("bob", options: new()
        {
            User = "bob",
            IsLost = record => !isDead && record is { IsOutgoing: false, Message.Method: "BYE" or "NOTIFY" }
                && record.Message.CSeq > 1,
        });
        var group = await Group.StartAsync(alice, [bob, carol]);
        var watching = bob.Subscribe(group.SessionIdentity);
        await Next(watching.Notifications);
        Assert.Equal(200, (await Within(group[carol].ByeAsync())).Status);
        Assert.Equal(200, (await Within(group[alice].ByeAsync())).Status);
        await Until(() => bob.Trace.Any(record => record is { IsOutgoing: false, Message.Method: "BYE" }));

        await Profile.KillKamailioAsync();
        isDead = true;
        await Profile.StartKamailioAsync();

        await Within(group[bob].Ended);
        var last = await Within(watching.Terminated);
        Assert.Equal(("noresource", ViewOutcome.Ended), (last.Reason, last.Outcome));
    }
}
