using ImSidecar.Client.Calls;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Edge;

/// <summary>A Route of the handset's making leads nowhere: not past us, not to the core, not to a third party.</summary>
public class ForgedRouteTests(DemoProfile profile) : Flow(profile)
{
    private const string Mark = "0123456789abcdef0123456789abcdef";

    /// <summary>VICTIM becomes the address of a host that is to hear nothing.</summary>
    public static TheoryData<string> Routes =>
    [
        "<sip:127.0.0.1:5060;lr>",
        "<sip:127.0.0.1:5070;lr>",
        "<sip:127.0.0.1:5060;lr>, <sip:127.0.0.1:5070;lr>",
        "<sip:127.0.0.1:5060;r2=on;lr>, <sip:127.0.0.1:5070;r2=on;lr>, <sip:VICTIM;lr>",
        "<sip:127.0.0.1:5070;transport=tcp;lr>",
        "<sip:orig@127.0.0.1:5070;lr>",
        "<sip:term@127.0.0.1:5060;lr>",
        "<sip:done@127.0.0.1:5070;lr;mark=" + Mark + ">",
        "<sip:done@127.0.0.1:5060;lr;mark=0123>",
        "<sip:done@127.0.0.1:5060;lr;mark=>",
        "<sip:done@127.0.0.1:5060;lr;mark=" + Mark + ";mark=" + Mark + ">, <sip:orig@127.0.0.1:5070;lr>",
        "<sip:VICTIM;lr>",
        "<sip:VICTIM>",
        "<sip:nowhere.invalid;maddr=127.0.0.1;lr>, <sip:VICTIM;lr>",
        "<sip:127.0.0.1:5060;maddr=127.0.0.1;received=sip:VICTIM;lr>",
        "<sip:localhost:5070;lr>",
        "<sip:0.0.0.0:5070;lr>",
        "\"a, <sip:b>\" <sip:127.0.0.1:5060;lr=on;a=%00>, <sip:VICTIM;lr>",
    ];

    [Theory, MemberData(nameof(Routes))]
    public async Task An_invitation_goes_the_way_we_choose(string route)
    {
        using var victim = new Attacker();
        var bob = await Register("bob");
        var dave = Stranger("dave");

        var starting = dave.StartGroup(
            DemoProfile.Factory, [bob.AddressOfRecord, "sip:nobody@example.com"], Forged(route, victim));
        var call = await Group.AcceptAsync(bob);
        await Within(starting.Answered);

        Assert.Equal("<sip:dave@example.com>", call.Invite["Referred-By"]);
        await victim.AssertHeardNothingAsync();
    }

    [Theory, MemberData(nameof(Routes))]
    public async Task A_direct_call_goes_where_its_user_registered(string route)
    {
        using var victim = new Attacker();
        var bob = await Register("bob");
        var dave = Stranger("dave");

        var calling = dave.Invite(bob.AddressOfRecord, Forged(route, victim));
        var call = await Group.AcceptAsync(bob);
        await Within(calling.Answered);

        Assert.Equal(["<sip:dave@example.com>"], call.Invite.List("P-Asserted-Identity"));
        Assert.Null(call.Invite["Route"]);
        await victim.AssertHeardNothingAsync();
    }

    [Theory, MemberData(nameof(Routes))]
    public async Task Who_has_no_password_gets_nowhere(string route)
    {
        using var victim = new Attacker();
        using var dave = new Attacker();
        var bob = await Register("bob");
        var request = dave.Request("MESSAGE", bob.AddressOfRecord).Add("Route", Named(route, victim));

        Assert.Equal(407, (await dave.AskOnceAsync(request)).Status);

        await victim.AssertHeardNothingAsync();
        Assert.False(bob.Messages.TryPeek(out _));
    }

    private static InviteOptions Forged(string route, Attacker victim) =>
        new() { Headers = [("Route", Named(route, victim)), ("P-Asserted-Identity", "<sip:alice@example.com>")] };

    private static string Named(string route, Attacker victim) => route.Replace("VICTIM", victim.Local.ToString());
}
