using ImSidecar.Client.Calls;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Ims;

/// <summary>The SIP core is an IMS (3GPP TS 24.229): what the core says stays in it and goes on there.</summary>
public class CoreTests(ImsProfile profile) : ImsFlow(profile)
{
    [Fact, Trait("Spec", "IM 7.2.1.2/ims"), Trait("Spec", "IM 7.2.1.1/ims")]
    public async Task A_trusted_peer_is_told_who_invites_and_what_is_charged()
    {
        var alice = await BehindProxy("alice");
        var ted = Elsewhere("ted");
        var carol = await AtTheEdge("carol");

        var group = await Start(alice, ted, carol);
        var toTed = group[ted].Invite;

        Assert.Equal("<sip:conf-factory@im.example.com>", toTed[Identity]);
        Assert.Equal(
            $"icid-value=\"edge {group[alice].CallId}\";icid-generated-at=127.0.0.1;orig-ioi=im.example.com",
            toTed[Vector]);
        Assert.Equal("3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=0123456789;network-provided", toTed[Network]);

        // The core's own answer: the proxy passes on what it is told.
        Assert.Equal("<sip:conf-factory@im.example.com>", group[alice].Answer[Identity]);
        Assert.Equal(
            $"icid-value=\"edge {group[alice].CallId}\";icid-generated-at=127.0.0.1;orig-ioi=edge.example;"
                + "term-ioi=im.example.com",
            group[alice].Answer[Vector]);
    }

    [Fact, Trait("Spec", "IM 7.2.1.2/ims")]
    public async Task A_handset_is_told_nothing_of_that()
    {
        var alice = await BehindProxy("alice");
        var (bob, carol) = (await AtTheEdge("bob"), await AtTheEdge("carol"));

        var group = await Start(alice, bob, carol);
        var watching = carol.Subscribe(group.SessionIdentity);
        Assert.Equal(200, (await Within(watching.Answered)).Status);
        await Next(watching.Notifications);

        foreach (var message in Received(bob).Concat(Received(carol)))
        {
            Assert.Null(message[Identity]);
            Assert.Null(message[Vector]);
            Assert.Null(message[Network]);
        }
    }

    [Fact, Trait("Spec", "IM 7.2.1.2/ims")]
    public async Task A_peer_learns_neither_place_nor_address_of_who_asks_for_privacy()
    {
        var alice = await BehindProxy("alice");
        var ted = Elsewhere("ted");
        var bob = await AtTheEdge("bob");

        _ = alice.StartGroup(
            DemoFactory, ["sip:ted@" + ImsProfile.OtherNetwork, bob.AddressOfRecord],
            new() { Headers = [("Privacy", "id")] });
        var toTed = (await Within((await Next(ted.IncomingCalls)).AcceptAsync()))!.Invite;
        await Within((await Next(bob.IncomingCalls)).AcceptAsync());

        Assert.Null(toTed[Network]);
        Assert.NotNull(toTed[Vector]);
        Assert.DoesNotContain(toTed.Headers, field => field.Value.Contains("alice", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_a_handset_says_of_charges_and_places_nobody_believes()
    {
        var mallory = await AtTheEdge("dave");
        var ted = Elsewhere("ted");
        var bob = await AtTheEdge("bob");

        var starting = mallory.StartGroup(
            DemoFactory, ["sip:ted@" + ImsProfile.OtherNetwork, bob.AddressOfRecord], new()
            {
                Headers =
                [
                    (Vector, "icid-value=forged"), ("P-Charging-Function-Addresses", "ccf=forged"),
                    (Network, "IEEE-802.11"), (Identity, "<sip:alice@example.com>"),
                ],
            });
        var toTed = (await Within((await Next(ted.IncomingCalls)).AcceptAsync()))!.Invite;
        await Within((await Next(bob.IncomingCalls)).AcceptAsync());
        await Within(starting.Answered);

        Assert.Equal("<sip:dave@example.com>", toTed["Referred-By"]);
        Assert.Null(toTed[Vector]);
        Assert.Null(toTed[Network]);
    }

    [Fact]
    public async Task The_answer_of_another_network_reaches_a_handset_without_what_is_the_cores()
    {
        var bob = await AtTheEdge("bob");
        var alice = await BehindProxy("alice");

        var calling = bob.Invite(alice.AddressOfRecord);
        var ringing = await Next(alice.IncomingCalls);
        await Within(ringing.AcceptAsync(new()
        {
            Headers = [(Identity, "<sip:alice@example.com>"), (Vector, "icid-value=1"), (Network, "IEEE-802.11")],
        }));
        var call = await Within(calling.Answered);

        Assert.Null(call.Answer[Identity]);
        Assert.Null(call.Answer[Vector]);
        Assert.Null(call.Answer[Network]);
        Assert.NotNull(ringing.Invite[Identity]);
    }

    private const string DemoFactory = Harness.DemoProfile.Factory;
}
