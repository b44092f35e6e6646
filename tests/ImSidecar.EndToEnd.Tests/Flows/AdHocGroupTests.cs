using ImSidecar.Client.Sip.Transport;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.ConferenceInfo;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>IM 7.2.1.2: alice starts an ad-hoc group with bob and carol.</summary>
public class AdHocGroupTests(DemoProfile profile) : Flow(profile)
{
    [Theory, Trait("Spec", "IM 7.2.1.2/ok-1")]
    [InlineData(SipProtocol.Udp)]
    [InlineData(SipProtocol.Tcp)]
    public async Task The_first_who_accepts_answers_the_inviter_and_later_ones_join(SipProtocol transport)
    {
        var (alice, bob, carol) = await RegisterThree(transport);

        var starting = alice.StartGroup(
            DemoProfile.Factory, [bob.AddressOfRecord, carol.AddressOfRecord], new() { Subject = "Skiing" });
        var bobRings = await Next(bob.IncomingCalls);
        var carolRings = await Next(carol.IncomingCalls);
        Assert.False(starting.Final.IsCompleted);
        var bobCall = await Within(bobRings.AcceptAsync());
        var aliceCall = await Within(starting.Answered);
        await Within(bobCall!.Acknowledged);
        var carolCall = await Within(carolRings.AcceptAsync());
        await Within(carolCall!.Acknowledged);
        await Within(Task.WhenAll(aliceCall.Msrp!.Connected, bobCall.Msrp!.Connected, carolCall.Msrp!.Connected));

        var identity = aliceCall.SessionIdentity;
        Assert.Matches("^sip:[A-Za-z0-9_-]+@im.example.com$", identity);
        Assert.Equal([identity, identity], [bobCall.SessionIdentity, carolCall.SessionIdentity]);
    }

    [Fact, Trait("Spec", "IM 7.2.1.1/5")]
    public async Task The_answer_names_the_focus_and_makes_the_inviter_the_refresher()
    {
        var (alice, bob, carol) = await RegisterThree();

        var group = await Group.StartAsync(alice, [bob, carol]);

        var answer = group[alice].Answer;
        Assert.Contains(";isfocus;+g.oma.sip-im", answer["Contact"], StringComparison.Ordinal);
        Assert.Contains("<sip:conf-factory@im.example.com>", answer["P-Asserted-Identity"], StringComparison.Ordinal);
        Assert.Equal("1800;refresher=uac", answer["Session-Expires"]);
        Assert.True(answer.Lists("Require", "timer"));
        Assert.True(answer.Lists("Allow", "SUBSCRIBE"));
    }

    [Fact, Trait("Spec", "IM 7.2.2.2")]
    public async Task The_invitation_comes_from_the_focus_and_names_the_inviter()
    {
        var (alice, bob, carol) = await RegisterThree();

        var group = await Group.StartAsync(alice, [bob, carol], new() { Subject = "Skiing" });

        var invite = group[bob].Invite;
        Assert.Equal(bob.ContactUri, invite.RequestUri);
        Assert.Contains(group.SessionIdentity, invite["From"], StringComparison.Ordinal);
        Assert.Contains(";isfocus", invite["Contact"], StringComparison.Ordinal);
        Assert.Equal("<sip:alice@example.com>", invite["Referred-By"]);
        Assert.Equal("Skiing", invite["Subject"]);
        Assert.Contains("+g.oma.sip-im", invite["Accept-Contact"], StringComparison.Ordinal);
        Assert.NotEqual(group[alice].CallId, invite.CallId);
    }

    [Fact, Trait("Spec", "IM 7.9.1.1.5/2c-ii-D")]
    public async Task Who_rings_is_alerting_and_who_accepts_connected()
    {
        var (alice, bob, carol) = await RegisterThree();

        var starting = alice.StartGroup(DemoProfile.Factory, [bob.AddressOfRecord, carol.AddressOfRecord]);
        var carolRings = await Next(carol.IncomingCalls);
        await Group.AcceptAsync(bob);
        var call = await Within(starting.Answered);
        var watching = alice.Subscribe(call.SessionIdentity);
        Assert.Equal(200, (await Within(watching.Answered)).Status);

        await carolRings.RingAsync();
        await ReadUntil(watching, told => told.StatusOf(carol.AddressOfRecord) == EndpointStatus.Alerting);
        await carolRings.AcceptAsync();
        await ReadUntil(watching, told => told.StatusOf(carol.AddressOfRecord) == EndpointStatus.Connected);
    }

    [Fact]
    public async Task The_inviter_hears_the_first_phone_ring()
    {
        var (alice, bob, carol) = await RegisterThree();

        var starting = alice.StartGroup(DemoProfile.Factory, [bob.AddressOfRecord, carol.AddressOfRecord]);
        var bobRings = await Next(bob.IncomingCalls);
        await bobRings.RingAsync();
        var provisional = await Next(starting.Provisionals);
        while (provisional.Status != 180)
            provisional = await Next(starting.Provisionals);
        await bobRings.AcceptAsync();
        await Within(starting.Answered);

        Assert.Equal(provisional.ToTag, (await starting.Final).ToTag);
    }
}
