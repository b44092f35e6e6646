using ImSidecar.Client.Sip;
using ImSidecar.Client.Subscriptions;
using ImSidecar.EndToEnd.Tests.Client;
using ImSidecar.EndToEnd.Tests.Edge;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.Participating;

/// <summary>A REFER from one who is served to another, outside a dialog; RFC 3515.</summary>
public class ServedReferTests(DemoProfile profile) : ServedFlow(profile)
{
    private const string Dave = "sip:dave@example.com";

    private static readonly SubscribeOptions _refer = SubscribeOptions.ToReferral(
        "<sip:carol@example.com>", ("Accept-Contact", "*;+g.oma.sip-im"));

    [Fact]
    public async Task It_goes_through_and_what_is_told_of_it_comes_back()
    {
        var alice = await Register("alice");
        using var dave = new Attacker("dave");
        await RegisterAsync(dave, 600);

        var referring = alice.Subscribe(Dave, _refer);
        var refer = await dave.ReceiveAsync();
        await dave.SendAsync(ScriptedPeer.Respond(refer, 202)
            .CopyFrom(refer, "Record-Route").Add("Contact", dave.Contact).Add("Expires", "60"));
        var answer = await Within(referring.Answered);
        var told = await dave.AskOnceAsync(Notify(dave, refer));
        var last = await Within(referring.Terminated);
        await RegisterAsync(dave, 0);

        Assert.Equal(("REFER", "<sip:carol@example.com>"), (refer.Method, refer["Refer-To"]));
        Assert.Single(refer.List("Record-Route"));
        Assert.Equal((202, 200), (answer.Status, told.Status));
        Assert.StartsWith("SIP/2.0 200 ", last.Request.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_is_not_there_or_does_not_want_it_is_referred_nowhere()
    {
        var (alice, bob, _) = await RegisterThree();
        await BlockAsync(alice.AddressOfRecord);

        var refused = await Within(alice.Subscribe(bob.AddressOfRecord, _refer).Answered);
        var away = await Within(alice.Subscribe(Dave, _refer).Answered);
        await BlockAsync();

        Assert.Equal((403, "Refused by the user's choice"), (refused.Status, WarningOf(refused)));
        Assert.Equal((480, NotAvailable), (away.Status, WarningOf(away)));
    }

    private static async Task RegisterAsync(Attacker user, int seconds)
    {
        var request = user.Request("REGISTER", "sip:example.com", to: Dave)
            .Add("Contact", user.Contact + ";+g.oma.sip-im").Add("Expires", $"{seconds}");
        Assert.Equal(200, (await user.AskAsync(request)).Status);
    }

    // Back along the route that was recorded, as its notifier.
    private static SipMessage Notify(Attacker notifier, SipMessage refer)
    {
        var notify = SipMessage.Request("NOTIFY", refer.Contact!.Uri.Text)
            .Add("Max-Forwards", "70")
            .Add("From", refer["To"] + ";tag=scripted")
            .Add("To", refer["From"]!)
            .Add("Call-ID", refer.CallId)
            .Add("CSeq", "1 NOTIFY")
            .Add("Contact", notifier.Contact)
            .Add("Event", "refer")
            .Add("Subscription-State", "terminated;reason=noresource");
        foreach (var route in refer.List("Record-Route"))
            notify.Add("Route", route);
        return notify.WithBody("message/sipfrag;version=2.0", "SIP/2.0 200 OK\r\n"u8.ToArray());
    }
}
