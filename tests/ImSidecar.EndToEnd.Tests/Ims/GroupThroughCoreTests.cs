using ImSidecar.Client;
using ImSidecar.Client.Calls;
using ImSidecar.Client.Sip;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.ConferenceInfo;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Ims;

/// <summary>Every procedure of a pre-defined group between handsets that the core stands before.</summary>
public class GroupThroughCoreTests(ImsProfile profile) : ImsFlow(profile)
{
    private const string Proxy = "127.0.0.1:5082";

    private readonly string _group = $"sip:skiers-{Guid.NewGuid():N}@groups.example.com";

    [Fact]
    [Trait("Spec", "IM 7.2.1.3/ims"), Trait("Spec", "IM 7.2.1.4/ims"), Trait("Spec", "IM 7.2.1.5/ims")]
    [Trait("Spec", "IM 7.2.1.6/ims"), Trait("Spec", "IM 7.2.1.7/ims"), Trait("Spec", "IM 7.2.1.8/ims")]
    [Trait("Spec", "IM 7.2.1.9/ims"), Trait("Spec", "IM 7.2.1.10/ims"), Trait("Spec", "IM 7.2.1.12/ims")]
    [Trait("Spec", "IM 7.9.1.1.4/ims"), Trait("Spec", "IM 7.9.1.1.5/ims"), Trait("Spec", "IM 7.9.1.1.6/ims")]
    public async Task It_goes_the_way_that_was_recorded_from_begin_to_end()
    {
        var (alice, bob, carol) = (await BehindProxy("alice"), await BehindProxy("bob"), await BehindProxy("carol"));
        await new XcapUser(Profile, alice.AddressOfRecord).PutGroupAsync(new GroupXml(
            _group, alice.AddressOfRecord, bob.AddressOfRecord)
        {
            InvitesMembers = true,
            Rules = GroupXml.OfMembers
                + GroupXml.Rule("guest", carol.AddressOfRecord, "<join-handling>true</join-handling>")
                + GroupXml.Rule(
                    "owner", alice.AddressOfRecord,
                    "<join-handling>true</join-handling><allow-initiate-conference>true</allow-initiate-conference>"
                    + "<allow-conference-state>true</allow-conference-state>"
                    + "<allow-invite-users-dynamically>true</allow-invite-users-dynamically>"
                    + "<oxe:allow-expelling>true</oxe:allow-expelling>"),
        });

        var starting = alice.Invite(_group);
        var invited = await Group.AcceptAsync(bob);
        var opened = await Within(starting.Answered);
        AssertCharged(opened, _group);
        var watching = alice.Subscribe(_group);
        Assert.Equal(200, (await Within(watching.Answered)).Status);
        await Within(invited.ByeAsync());
        Assert.Equal(CallEndedBy.Peer, (await Within(opened.Ended)).By);
        Assert.Equal("noresource", (await Within(watching.Terminated)).Reason);

        var again = alice.Invite(_group);
        await Group.AcceptAsync(bob);
        var session = await Within(again.Answered);
        var joined = await Within(bob.Invite(_group).Answered);
        AssertCharged(joined, _group);
        var back = await Within(bob.Invite(session.SessionIdentity).Answered);
        AssertCharged(back, _group);
        Assert.Equal(200, (await Within(back.ReinviteAsync())).Status);

        Assert.Equal(202, (await Within(session.ReferAsync($"<{carol.AddressOfRecord}>"))).Status);
        var added = await Group.AcceptAsync(carol);
        Assert.Contains(Proxy, added.Invite["Via"], StringComparison.Ordinal);
        var seeing = bob.Subscribe(session.SessionIdentity);
        Assert.Equal(202, (await Within(session.ReferAsync($"<{carol.AddressOfRecord};method=BYE>"))).Status);
        Assert.Equal(CallEndedBy.Peer, (await Within(added.Ended)).By);
        var told = await Next(seeing.Notifications);
        while (told.Roster.Count != 2)
            told = await Next(seeing.Notifications);
        Assert.All(told.Roster, user => Assert.Equal(EndpointStatus.Connected, user.Endpoints[0].Status));

        Assert.All(
            new[] { alice, bob, carol }.SelectMany(Requests),
            request => Assert.Contains(Proxy, request["Via"], StringComparison.Ordinal));
    }

    private static IEnumerable<SipMessage> Requests(Handset handset)
    {
        var requests = Received(handset).Where(message => message.Method is "NOTIFY" or "BYE" or "INVITE").ToList();
        Assert.NotEmpty(requests);
        return requests;
    }

    private static void AssertCharged(Call call, string group)
    {
        Assert.Equal($"<{group}>", call.Answer[Identity]);
        Assert.EndsWith(";term-ioi=im.example.com", call.Answer[Vector], StringComparison.Ordinal);
        Assert.Contains(call.Dialog.RouteSet, route => route.Contains(Proxy, StringComparison.Ordinal));
    }
}
