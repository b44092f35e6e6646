using System.Net;
using ImSidecar.Client.Calls;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Edge;

/// <summary>Neither Record-Route nor Contact of a handset has us call anybody but the handset.</summary>
public class SteeringTests(DemoProfile profile) : Flow(profile)
{
    private static readonly IPAddress _elsewhere = IPAddress.Parse("127.0.0.2");

    public static TheoryData<string> RecordRoutes =>
    [
        "<sip:VICTIM;lr>",
        "<sip:VICTIM>",
        "<sip:VICTIM;lr>, <sip:VICTIM;lr>",
        "<sip:127.0.0.1:5070;lr>",
        "<sip:127.0.0.1:5060;lr>, <sip:VICTIM;lr>",
        "<sip:127.0.0.1:5060;r2=on;lr>, <sip:127.0.0.1:5070;r2=on;lr>, <sip:VICTIM;lr>",
        "<sip:localhost;maddr=127.0.0.2;lr>",
        "<sip:0.0.0.0:5070;lr>",
        string.Join(", ", Enumerable.Repeat("<sip:VICTIM;lr>", 50)),
        "<tel:+1555>",
        "not a route",
    ];

    public static TheoryData<string> Contacts =>
    [
        "<sip:dave@VICTIM>",
        "<sip:dave@VICTIM;lr>;expires=5",
        "<sip:dave@127.0.0.1:5070>",
        "<sip:dave@127.0.0.1:5060>",
        "<sip:dave@localhost:5070>",
        "<sip:dave@0.0.0.0:5070>",
        "<sip:dave@224.0.0.1>",
        "<sip:dave@127.0.0.1:9;maddr=127.0.0.2>",
        "<sip:dave@nowhere.invalid>",
    ];

    [Theory, MemberData(nameof(RecordRoutes))]
    public async Task Record_Route_of_the_inviter(string recordRoute)
    {
        using var victim = new Attacker(address: _elsewhere);
        var bob = await Register("bob");
        var dave = Stranger("dave");

        var starting = dave.StartGroup(
            DemoProfile.Factory, [bob.AddressOfRecord],
            new() { Headers = [("Record-Route", Named(recordRoute, victim))] });
        var bobs = await Group.AcceptAsync(bob);
        var daves = await Within(starting.Answered);
        await Within(bobs.Acknowledged);

        Assert.Equal(["<sip:127.0.0.1:5060;lr>"], daves.Dialog.RouteSet);
        await AssertByeComesAsync(bobs, daves, victim);
    }

    [Theory, MemberData(nameof(RecordRoutes))]
    public async Task Record_Route_of_the_invitee(string recordRoute)
    {
        using var victim = new Attacker(address: _elsewhere);
        var (alice, bob, _) = await RegisterThree();
        var starting = alice.StartGroup(DemoProfile.Factory, [bob.AddressOfRecord]);
        var ringing = await Next(bob.IncomingCalls);

        // Before ours, as a proxy of his would put it.
        var routes = $"{Named(recordRoute, victim)}, {ringing.Invite["Record-Route"]}";
        var bobs = await Within(ringing.AcceptAsync(new() { Headers = [("Record-Route", routes)] }));
        var alices = await Within(starting.Answered);
        await Within(bobs!.Acknowledged);

        await AssertByeComesAsync(alices, bobs, victim);
    }

    [Theory, MemberData(nameof(RecordRoutes))]
    public async Task Record_Route_of_the_invitee_instead_of_one_of_ours(string recordRoute)
    {
        using var victim = new Attacker(address: _elsewhere);
        var (alice, bob, _) = await RegisterThree();
        var starting = alice.StartGroup(DemoProfile.Factory, [bob.AddressOfRecord]);
        var ringing = await Next(bob.IncomingCalls);

        var bobs = await Within(ringing.AcceptAsync(new() { Headers = [("Record-Route", Named(recordRoute, victim))] }));
        var alices = await Within(starting.Answered);
        await Within(bobs!.Acknowledged);

        await AssertByeComesAsync(alices, bobs, victim);
    }

    [Theory, MemberData(nameof(RecordRoutes))]
    public async Task Record_Route_of_a_subscriber(string recordRoute)
    {
        using var victim = new Attacker(address: _elsewhere);
        var (alice, bob, _) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob]);

        var watching = bob.Subscribe(
            group.SessionIdentity, new() { Headers = [("Record-Route", Named(recordRoute, victim))] });

        Assert.Equal(200, (await Within(watching.Answered)).Status);
        await Next(watching.Notifications);
        await victim.AssertHeardNothingAsync();
    }

    [Theory, MemberData(nameof(Contacts))]
    public async Task Contact_of_the_inviter(string contact)
    {
        using var victim = new Attacker(address: _elsewhere);
        var bob = await Register("bob");
        var dave = Stranger("dave");

        var starting = dave.StartGroup(
            DemoProfile.Factory, [bob.AddressOfRecord], new() { Headers = [("Contact", Named(contact, victim))] });
        var bobs = await Group.AcceptAsync(bob);
        var daves = await Within(starting.Answered);
        await Within(bobs.Acknowledged);

        await AssertByeComesAsync(bobs, daves, victim);
    }

    [Theory, MemberData(nameof(Contacts))]
    public async Task Contact_of_the_invitee(string contact)
    {
        using var victim = new Attacker(address: _elsewhere);
        var (alice, bob, _) = await RegisterThree();
        var starting = alice.StartGroup(DemoProfile.Factory, [bob.AddressOfRecord]);
        var ringing = await Next(bob.IncomingCalls);

        var bobs = await Within(ringing.AcceptAsync(new() { Headers = [("Contact", Named(contact, victim))] }));
        var alices = await Within(starting.Answered);
        await Within(bobs!.Acknowledged);

        await AssertByeComesAsync(alices, bobs, victim);
    }

    [Theory, MemberData(nameof(Contacts))]
    public async Task Contact_of_a_registration(string contact)
    {
        using var victim = new Attacker(address: _elsewhere);
        var alice = await Register("alice");
        using var dave = new Attacker();
        var register = dave.Request("REGISTER", "sip:example.com", to: "sip:dave@example.com")
            .Add("Contact", Named(contact, victim)).Add("Expires", "60");
        Assert.Equal(200, (await dave.AskAsync(register)).Status);

        _ = alice.SendAsync(alice.CreateRequest("MESSAGE", "sip:dave@example.com"));

        Assert.Equal("MESSAGE", (await dave.ReceiveAsync()).Method);
        await victim.AssertHeardNothingAsync();
        Assert.Equal(200, (await dave.AskAsync(dave.Request("REGISTER", "sip:example.com", to: "sip:dave@example.com")
            .Add("Contact", "*").Add("Expires", "0"))).Status);
    }

    // The other one leaves, so that we end his call too; over the way that he named.
    private static async Task AssertByeComesAsync(Call leaving, Call ended, Attacker victim)
    {
        Assert.Equal(200, (await Within(leaving.ByeAsync())).Status);

        Assert.Equal(CallEndedBy.Peer, (await Within(ended.Ended)).By);
        await victim.AssertHeardNothingAsync();
    }

    private static string Named(string header, Attacker victim) => header.Replace("VICTIM", victim.Local.ToString());
}
