using ImSidecar.Client.Calls;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>IM 7.2.1.2, third list, and its first refusals: nobody comes, or nobody is even asked.</summary>
public class SetupRefusedTests(DemoProfile profile) : Flow(profile)
{
    [Fact, Trait("Spec", "IM 7.2.1.2/fail-1")]
    public async Task All_refuse_and_the_inviter_gets_the_lowest_code()
    {
        var (alice, bob, carol) = await RegisterThree();

        var starting = alice.StartGroup(DemoProfile.Factory, [bob.AddressOfRecord, carol.AddressOfRecord]);
        await (await Next(bob.IncomingCalls)).RejectAsync(603);
        Assert.False(starting.Final.IsCompleted);
        await (await Next(carol.IncomingCalls)).RejectAsync(486);
        var answer = await Within(starting.Final);

        Assert.Equal((486, "No invited user accepted"), (answer.Status, WarningOf(answer)));
    }

    [Fact, Trait("Spec", "IM 7.2.1.2/ok-1")]
    public async Task One_refuses_and_the_other_makes_the_session()
    {
        var (alice, bob, carol) = await RegisterThree();

        var starting = alice.StartGroup(DemoProfile.Factory, [bob.AddressOfRecord, carol.AddressOfRecord]);
        await (await Next(bob.IncomingCalls)).RejectAsync();
        await Group.AcceptAsync(carol);

        Assert.Equal(200, (await Within(starting.Final)).Status);
    }

    [Fact]
    public async Task Nobody_answers_and_every_phone_stops_ringing()
    {
        var (alice, bob, carol) = await RegisterThree();

        var starting = alice.StartGroup(DemoProfile.Factory, [bob.AddressOfRecord, carol.AddressOfRecord]);
        var bobRings = await Next(bob.IncomingCalls);
        var carolRings = await Next(carol.IncomingCalls);
        await bobRings.RingAsync();
        await Within(Task.WhenAll(bobRings.Cancelled, carolRings.Cancelled));

        Assert.Equal(480, (await Within(starting.Final)).Status);
    }

    [Fact]
    public async Task Who_is_not_registered_cannot_be_reached()
    {
        var alice = await Register("alice");

        Assert.Equal(480, (await Refusal(alice, ["sip:nobody@example.com"])).Status);
    }

    [Fact]
    public async Task The_inviter_cancels_and_every_phone_stops_ringing()
    {
        var (alice, bob, carol) = await RegisterThree();

        var starting = alice.StartGroup(DemoProfile.Factory, [bob.AddressOfRecord, carol.AddressOfRecord]);
        var bobRings = await Next(bob.IncomingCalls);
        var carolRings = await Next(carol.IncomingCalls);
        await bobRings.RingAsync();
        Assert.Equal(200, (await Within(starting.CancelAsync()))!.Status);

        Assert.Equal(487, (await Within(starting.Final)).Status);
        await Within(Task.WhenAll(bobRings.Cancelled, carolRings.Cancelled));
    }

    [Fact, Trait("Spec", "IM 7.2.1.2/2")]
    public async Task A_barred_user_starts_nothing()
    {
        var mallory = await Register("mallory");
        var bob = await Register("bob");

        var answer = await Refusal(mallory, [bob.AddressOfRecord]);

        Assert.Equal((403, "User is barred from the IM service"), (answer.Status, WarningOf(answer)));
        Assert.False(bob.IncomingCalls.TryPeek(out _));
    }

    [Fact, Trait("Spec", "IM 7.2.1.2/7")]
    public async Task Ten_may_attend_but_not_eleven()
    {
        var alice = await Register("alice");
        var bob = await Register("bob");
        var others = Enumerable.Range(1, 8).Select(number => $"sip:user{number}@example.com");
        string[] nine = [bob.AddressOfRecord, .. others];

        var answer = await Refusal(alice, [.. nine, "sip:onemore@example.com"]);
        Assert.False(bob.IncomingCalls.TryPeek(out _));
        var starting = alice.StartGroup(DemoProfile.Factory, nine);
        await Group.AcceptAsync(bob);

        Assert.Equal((486, "Too many participants"), (answer.Status, WarningOf(answer)));
        Assert.Equal(200, (await Within(starting.Final)).Status);
    }

    [Fact, Trait("Spec", "IM 11.1")]
    public async Task Another_factory_does_not_exist()
    {
        var alice = await Register("alice");

        var answer = await Refusal(alice, ["sip:bob@example.com"], uri: "sip:other-factory@im.example.com");

        Assert.Equal((404, "Conference-factory URI does not exist"), (answer.Status, WarningOf(answer)));
    }

    [Fact, Trait("Spec", "IM 11.2")]
    public async Task A_group_that_nobody_defined_does_not_exist()
    {
        var alice = await Register("alice");

        var invited = await Within(alice.Invite("sip:skiers@groups.example.com").Final);
        var watched = await Within(alice.Subscribe("sip:skiers@groups.example.com").Answered);

        Assert.Equal((404, "Conference URI does not exist"), (invited.Status, WarningOf(invited)));
        Assert.Equal((404, "Conference URI does not exist"), (watched.Status, WarningOf(watched)));
    }
}
