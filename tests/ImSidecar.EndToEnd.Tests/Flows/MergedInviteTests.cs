using ImSidecar.Client.Sip;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>RFC 3261 8.2.2.2: one INVITE that comes by two ways makes one conference.</summary>
public class MergedInviteTests(DemoProfile profile) : Flow(profile)
{
    [Fact]
    public async Task The_second_gets_482_while_the_first_waits_and_the_200_afterwards()
    {
        var alice = await Register("alice");
        var bob = await Register("bob");
        using var longWay = new SecondPath();
        var starting = alice.StartGroup(DemoProfile.Factory, [bob.AddressOfRecord]);
        var rings = await Next(bob.IncomingCalls);

        var merged = await longWay.RepeatAsync(starting.Request);
        await rings.AcceptAsync();
        var call = await Within(starting.Answered);
        var repeated = await longWay.RepeatAsync(starting.Request);

        Assert.Equal((482, "Request was received before"), (merged.Status, WarningOf(merged)));
        Assert.Equal((200, call.Dialog.RemoteTag), (repeated.Status, repeated.ToTag));
        Assert.False(bob.IncomingCalls.TryPeek(out _));
        Assert.Equal(200, (await Within(call.ByeAsync())).Status);
    }

    [Fact]
    public async Task Of_two_at_the_same_time_one_is_served()
    {
        var alice = await Register("alice");
        var bob = await Register("bob");
        var starting = alice.StartGroup(DemoProfile.Factory, [bob.AddressOfRecord]);
        await (await Next(bob.IncomingCalls)).RejectAsync();
        await Within(starting.Final);
        using var oneWay = new SecondPath();
        using var otherWay = new SecondPath();

        for (var round = 0; round < 20; round++)
        {
            var invite = Anew(starting.Request, round);
            var answers = Task.WhenAll(
                Task.Run(() => oneWay.RepeatAsync(invite)), Task.Run(() => otherWay.RepeatAsync(invite)));
            await (await Next(bob.IncomingCalls)).RejectAsync(603);

            Assert.Equal([482, 603], (await Within(answers)).Select(answer => answer.Status).Order());
            Assert.False(bob.IncomingCalls.TryPeek(out _));
        }
    }

    [Fact]
    public async Task After_a_restart_of_Kamailio_it_gets_the_200_of_the_dialog_that_exists()
    {
        var alice = Stranger("alice");
        var bob = await Register("bob");
        using var again = new SecondPath(port: 5070);
        var starting = alice.StartGroup(
            DemoProfile.Factory, [bob.AddressOfRecord],
            new() { Headers = [("P-Asserted-Identity", $"<{alice.AddressOfRecord}>")], SendsAck = false }, Core);
        var bobs = await Group.AcceptAsync(bob);
        var call = await Within(starting.Answered);

        await Profile.RestartKamailioAsync();
        var repeated = await again.RepeatAsync(starting.Request);
        call.Acknowledge(repeated);

        Assert.Equal((200, call.Dialog.RemoteTag), (repeated.Status, repeated.ToTag));
        Assert.Equal(call.Answer.Text, repeated.Text);
        Assert.Equal(200, (await Within(call.ByeAsync())).Status);
        await Within(bobs.Ended);
    }

    // The credentials hold for a new call too.
    private static SipMessage Anew(SipMessage invite, int round) =>
        invite.Clone().Set("Call-ID", $"{invite.CallId}.{round}");
}
