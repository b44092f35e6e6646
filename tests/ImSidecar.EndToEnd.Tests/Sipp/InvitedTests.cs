using System.Globalization;
using ImSidecar.Client.Calls;
using ImSidecar.Client.Sip.Transport;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Sipp;

/// <summary>IM 7.2.2.2 with SIPp as the invited side: it answers in every way a phone may.</summary>
public class InvitedTests(DemoProfile profile) : SippFlow(profile)
{
    [Theory, Trait("Spec", "IM 7.2.2.2")]
    [InlineData(SipProtocol.Udp)]
    [InlineData(SipProtocol.Tcp)]
    public async Task It_rings_and_accepts_and_the_switch_connects_to_it(SipProtocol transport)
    {
        using var msrp = new MsrpListener();
        var phone = NewPhone(transport) with { MsrpPort = msrp.Port };
        await using var sipp = await Invitable("invited-accepts.xml", phone);

        var (alice, carol) = await StartGroup(phone);
        var request = await msrp.FirstRequestAsync();
        await Within(carol.ByeAsync());
        await Within(alice.ByeAsync());

        await sipp.SucceedsAsync();
        Assert.Matches($"^MSRP [^ ]+ SEND\r?\nTo-Path: msrp://127.0.0.1:{msrp.Port}/sipp[0-9x]+;tcp\r?\n", request);
    }

    [Fact]
    public async Task A_dead_MSRP_port_of_one_disturbs_nobody_else()
    {
        var phone = NewPhone() with { MsrpPort = SippRun.FreePort() };
        await using var sipp = await Invitable("invited-accepts.xml", phone);

        var (alice, carol) = await StartGroup(phone);
        await Tell("sip:alice@example.com", alice, carol);
        await Tell("sip:carol@example.com", carol, alice);
        await Within(carol.ByeAsync());
        await Within(alice.ByeAsync());

        await sipp.SucceedsAsync();
    }

    [Theory, Trait("Spec", "IM 7.2.1.10")]
    [InlineData(SipProtocol.Udp)]
    [InlineData(SipProtocol.Tcp)]
    public async Task It_leaves_and_the_session_of_two_is_released(SipProtocol transport)
    {
        using var msrp = new MsrpListener();
        var phone = NewPhone(transport) with { MsrpPort = msrp.Port };
        await using var sipp = await Invitable("invited-leaves.xml", phone);
        var alice = await Register("alice");

        var call = await Within(alice.StartGroup(DemoProfile.Factory, [phone.AddressOfRecord]).Answered);

        await sipp.SucceedsAsync();
        Assert.Equal(CallEndedBy.Peer, (await Within(call.Ended)).By);
    }

    [Theory]
    [InlineData(SipProtocol.Udp)]
    [InlineData(SipProtocol.Tcp)]
    public async Task It_is_busy_and_the_inviter_is_told(SipProtocol transport)
    {
        var phone = NewPhone(transport);
        await using var sipp = await Invitable("invited-refuses.xml", phone);
        var alice = await Register("alice");

        var answer = await Within(alice.StartGroup(DemoProfile.Factory, [phone.AddressOfRecord]).Final);

        await sipp.SucceedsAsync();
        Assert.Equal(486, answer.Status);
    }

    [Theory]
    [InlineData(SipProtocol.Udp)]
    [InlineData(SipProtocol.Tcp)]
    public async Task It_never_answers_and_gets_CANCEL(SipProtocol transport)
    {
        var phone = NewPhone(transport);
        await using var sipp = await Invitable("invited-silent.xml", phone);
        var alice = await Register("alice");

        var answer = await Within(alice.StartGroup(DemoProfile.Factory, [phone.AddressOfRecord]).Final);

        await sipp.SucceedsAsync();
        Assert.InRange(answer.Status, 400, 699);
    }

    [Fact]
    public async Task It_repeats_its_200_and_each_copy_gets_its_ACK()
    {
        var phone = NewPhone() with { Retransmits = false };
        await using var sipp = await Invitable("invited-repeats.xml", phone);
        var alice = await Register("alice");

        var call = await Within(alice.StartGroup(DemoProfile.Factory, [phone.AddressOfRecord]).Answered);
        await Until(() => sipp.Messages.Split("\nACK ").Length == 4);
        await Within(call.ByeAsync());

        await sipp.SucceedsAsync();
    }

    [Theory, Trait("Spec", "IM 7.2.1.6")]
    [InlineData(SipProtocol.Udp)]
    [InlineData(SipProtocol.Tcp)]
    public async Task It_moves_with_the_answer_in_an_ACK_and_the_switch_connects_there(SipProtocol transport)
    {
        using var msrp = new MsrpListener();
        using var moved = new MsrpListener();
        var phone = NewPhone(transport) with
        {
            MsrpPort = msrp.Port,
            Keys = [("moved_port", moved.Port.ToString(CultureInfo.InvariantCulture))],
        };
        await using var sipp = await Invitable("invited-moves.xml", phone);
        var alice = await Register("alice");

        var call = await Within(alice.StartGroup(DemoProfile.Factory, [phone.AddressOfRecord]).Answered);
        var request = await moved.FirstRequestAsync();
        await Within(call.ByeAsync());

        await sipp.SucceedsAsync();
        Assert.Matches($"^MSRP [^ ]+ SEND\r?\nTo-Path: msrp://127.0.0.1:{moved.Port}/moved[0-9x]+;tcp\r?\n", request);
    }

    [Fact]
    public async Task A_second_phone_that_answers_too_gets_ACK_and_BYE()
    {
        var phone = NewPhone() with { Retransmits = false };
        await using var sipp = await Invitable("invited-forks.xml", phone);
        var alice = await Register("alice");

        var call = await Within(alice.StartGroup(DemoProfile.Factory, [phone.AddressOfRecord]).Answered);
        await Until(() => sipp.Messages.Contains("\nBYE sip:other@", StringComparison.Ordinal));
        await Within(call.ByeAsync());

        await sipp.SucceedsAsync();
    }

    /// <summary>alice invites SIPp, which answers first, and carol.</summary>
    private async Task<(Call Alice, Call Carol)> StartGroup(SippOptions phone)
    {
        var (alice, carol) = (await Register("alice"), await Register("carol", SipProtocol.Tcp));
        var starting = alice.StartGroup(
            DemoProfile.Factory, [phone.AddressOfRecord, carol.AddressOfRecord], new() { Subject = "Skiing" });
        var carolRings = await Next(carol.IncomingCalls);
        var aliceCall = await Within(starting.Answered);
        var carolCall = await Within(carolRings.AcceptAsync());
        await Within(Task.WhenAll(carolCall!.Acknowledged, carolCall.Msrp!.Connected, aliceCall.Msrp!.Connected));
        return (aliceCall, carolCall);
    }
}
