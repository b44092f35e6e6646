using ImSidecar.Client;
using ImSidecar.Client.Calls;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Ims;

/// <summary>RFC 3261 12 and RFC 3327: what a proxy before us recorded is the way to who is behind it.</summary>
public class RouteTests(ImsProfile profile) : ImsFlow(profile)
{
    private const string Proxy = "127.0.0.1:5082";

    [Fact, Trait("Spec", "IM 7.2.1.2/ims")]
    public async Task Who_registered_through_a_proxy_is_invited_through_it()
    {
        var alice = await AtTheEdge("alice");
        var (bob, carol) = (await BehindProxy("bob"), await BehindProxy("carol"));

        var group = await Start(alice, bob, carol);

        Assert.Contains(Proxy, group[bob].Invite["Via"], StringComparison.Ordinal);
        Assert.Contains(Proxy, group[bob].Invite.List("Record-Route")[0], StringComparison.Ordinal);
        Assert.Null(group[bob].Invite["Route"]);
        Assert.Equal(bob.ContactUri, group[bob].Invite.RequestUri);
    }

    [Fact, Trait("Spec", "IM 7.2.1.11/ims"), Trait("Spec", "IM 6.1.2.12/ims")]
    public async Task All_requests_of_a_dialog_go_the_way_that_was_recorded()
    {
        var (alice, bob) = (await BehindProxy("alice"), await BehindProxy("bob"));
        var carol = await AtTheEdge("carol");
        var group = await Start(alice, bob, carol);

        var watching = alice.Subscribe(group.SessionIdentity);
        Assert.Equal(200, (await Within(watching.Answered)).Status);
        await Next(watching.Notifications);
        Assert.Equal(200, (await Within(group[alice].ReinviteAsync())).Status);
        Assert.Equal(200, (await Within(group[bob].UpdateAsync(
            [("Supported", "timer"), ("Session-Expires", "1800;refresher=uac")]))).Status);
        Assert.Equal(200, (await Within(group[carol].ByeAsync())).Status);
        Assert.Equal(200, (await Within(group[bob].ByeAsync())).Status);

        Assert.Equal(CallEndedBy.Peer, (await Within(group[alice].Ended)).By);
        Assert.All(Requests(alice, "NOTIFY", "BYE"), via => Assert.Contains(Proxy, via, StringComparison.Ordinal));
        Assert.Contains(group[alice].Dialog.RouteSet, route => route.Contains(Proxy, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_handset_cannot_name_a_way_to_itself()
    {
        var alice = await AtTheEdge("alice");
        var bob = await AtTheEdge("bob");
        var mallory = await AtTheEdge("dave");
        var forged = bob.CreateRequest("REGISTER", "sip:example.com");
        forged.Set("To", $"<{bob.AddressOfRecord}>").Add("Contact", $"<{bob.ContactUri}>;+g.oma.sip-im")
            .Add("Path", $"<{mallory.ContactUri};lr>").Add("Supported", "path").Add("Expires", "600");
        Assert.Equal(200, (await Within(bob.SendAsync(forged))).Status);

        await Start(alice, bob);

        Assert.DoesNotContain(Received(mallory), message => message.Method == "INVITE");
    }

    private static IEnumerable<string> Requests(Handset handset, params string[] methods)
    {
        var vias = Received(handset).Where(message => methods.Contains(message.Method)).Select(each => each["Via"]!);
        Assert.NotEmpty(vias);
        return vias;
    }
}
