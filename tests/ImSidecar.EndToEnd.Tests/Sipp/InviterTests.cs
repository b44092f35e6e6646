using ImSidecar.Client;
using ImSidecar.Client.Calls;
using ImSidecar.Client.Sip.Transport;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Sipp;

/// <summary>IM 7.2.1.2 with SIPp as the inviter: what it is answered, and how it is refused.</summary>
public class InviterTests(DemoProfile profile) : SippFlow(profile)
{
    [Theory, Trait("Spec", "IM 7.2.1.1/5")]
    [InlineData(SipProtocol.Udp)]
    [InlineData(SipProtocol.Tcp)]
    public async Task It_starts_a_group_refreshes_and_leaves_and_the_others_go_on(SipProtocol transport)
    {
        var (bob, carol) = (await Register("bob"), await Register("carol", SipProtocol.Tcp));

        await using var sipp = SippRun.Start("inviter-leaves.xml", Inviting(NewPhone(transport), bob, carol));
        var (bobCall, carolCall) = await RingAndAccept(sipp, bob, carol);
        await sipp.SucceedsAsync();

        await Within(Task.WhenAll(bobCall.Msrp!.Connected, carolCall.Msrp!.Connected));
        await Tell(bob.AddressOfRecord, bobCall, carolCall);
    }

    [Theory, Trait("Spec", "IM 7.2.1.9/1")]
    [InlineData(SipProtocol.Udp)]
    [InlineData(SipProtocol.Tcp)]
    public async Task It_gets_BYE_when_the_others_have_left(SipProtocol transport)
    {
        var (bob, carol) = (await Register("bob"), await Register("carol"));

        await using var sipp = SippRun.Start("inviter-stays.xml", Inviting(NewPhone(transport), bob, carol));
        var (bobCall, carolCall) = await RingAndAccept(sipp, bob, carol);
        await Within(bobCall.ByeAsync());
        await Within(carolCall.ByeAsync());

        await sipp.SucceedsAsync();
    }

    [Fact]
    public async Task It_hears_only_the_fifth_copy_of_the_200()
    {
        var (bob, carol) = (await Register("bob"), await Register("carol"));
        var phone = NewPhone() with { Retransmits = false };

        await using var sipp = SippRun.Start("inviter-deaf.xml", Inviting(phone, bob, carol));
        var (bobCall, carolCall) = await RingAndAccept(sipp, bob, carol);
        await Until(() => sipp.Messages.Split("\nACK ").Length == 3);
        await Tell(bob.AddressOfRecord, bobCall, carolCall);
        await Within(bobCall.ByeAsync());
        await Within(carolCall.ByeAsync());

        await sipp.SucceedsAsync();
    }

    [Theory]
    [InlineData(SipProtocol.Udp)]
    [InlineData(SipProtocol.Tcp)]
    public async Task It_gives_up_while_they_ring_and_they_get_CANCEL(SipProtocol transport)
    {
        var (bob, carol) = (await Register("bob"), await Register("carol", SipProtocol.Tcp));

        await using var sipp = SippRun.Start("inviter-cancels.xml", Inviting(NewPhone(transport), bob, carol));
        var bobRings = await Next(bob.IncomingCalls);
        var carolRings = await Next(carol.IncomingCalls);
        await bobRings.RingAsync();

        await Within(Task.WhenAll(bobRings.Cancelled, carolRings.Cancelled));
        await sipp.SucceedsAsync();
    }

    [Theory]
    [InlineData(SipProtocol.Udp)]
    [InlineData(SipProtocol.Tcp)]
    public async Task It_is_refused_when_the_operator_bars_it(SipProtocol transport)
    {
        await using var sipp = SippRun.Start(
            "refused-barred.xml", NewPhone(transport) with { User = "mallory" });

        await sipp.SucceedsAsync();
    }

    [Theory]
    [InlineData(SipProtocol.Udp)]
    [InlineData(SipProtocol.Tcp)]
    public async Task It_is_refused_when_it_names_too_many(SipProtocol transport)
    {
        await using var sipp = SippRun.Start("refused-too-many.xml", NewPhone(transport));

        await sipp.SucceedsAsync();
    }

    [Theory]
    [InlineData(SipProtocol.Udp)]
    [InlineData(SipProtocol.Tcp)]
    public async Task It_is_refused_when_it_offers_no_MSRP(SipProtocol transport)
    {
        await using var sipp = SippRun.Start("refused-media.xml", NewPhone(transport));

        await sipp.SucceedsAsync();
    }

    private static SippOptions Inviting(SippOptions phone, Handset first, Handset second) =>
        phone with { Keys = [("peer1", first.Options.User), ("peer2", second.Options.User)] };

    // Sent back to back, 180 and 200 may overtake each other: Kamailio has several workers.
    private static async Task<(Call First, Call Second)> RingAndAccept(SippRun sipp, Handset first, Handset second)
    {
        var firstRings = await Next(first.IncomingCalls);
        var secondRings = await Next(second.IncomingCalls);
        await firstRings.RingAsync();
        await Until(() => sipp.Messages.Contains("SIP/2.0 180 ", StringComparison.Ordinal));
        var firstCall = await Within(firstRings.AcceptAsync());
        var secondCall = await Within(secondRings.AcceptAsync());
        await Within(Task.WhenAll(firstCall!.Acknowledged, secondCall!.Acknowledged));
        return (firstCall, secondCall);
    }
}
