using System.Text;
using ImSidecar.Client;
using ImSidecar.Client.Sip;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.Sip;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Edge;

/// <summary>Names and subjects are carried on as text; none becomes a header, an element or a statement.</summary>
public class InjectionTests(DemoProfile profile) : Flow(profile)
{
    public static TheoryData<string> Names =>
    [
        "'; DROP TABLE conference; --",
        "%s%n%x%0d%0aX-Injected: 1",
        "${jndi:ldap://127.0.0.1/a} {0} \\",
        "</display-text><user entity=\"sip:eve@example.com\"/>&amp;&#10;]]>",
        "a\\\"; \\\r\\\nX-Injected: 1",
        "folded\r\n X-Injected: 1",
        "\u202Eright to left \u0007 bell \uFEFF",
    ];

    [Theory, MemberData(nameof(Names))]
    public async Task A_display_name(string name)
    {
        var (_, bob, carol) = await RegisterThree();
        var dave = Stranger("dave");
        Profile.Capture.Exempt(HopTo(dave).Remote.Port, "odd names", answersToo: true);
        var quoted = $"{SipParameters.Quote(name)} <sip:dave@example.com>;tag={Token.New(8)}";

        var starting = dave.StartGroup(
            DemoProfile.Factory, [bob.AddressOfRecord, carol.AddressOfRecord],
            new() { Headers = [("From", quoted)], Subject = name.ReplaceLineEndings(" ") });
        await Until(() => starting.Final.IsCompleted || bob.IncomingCalls.TryPeek(out _));

        // What is no quoted string at all, Kamailio or we refuse.
        if (starting.Final is { IsCompletedSuccessfully: true, Result: var refusal })
        {
            Assert.Equal(400, refusal.Status);
            return;
        }

        await Group.AcceptAsync(bob);
        await Group.AcceptAsync(carol);
        await AssertCleanAsync(bob, (await Within(starting.Answered)).SessionIdentity);
    }

    [Theory]
    [InlineData("da've%0d%0aX-Injected:1")]
    [InlineData("a;b=c")]
    [InlineData("x%3Cy%3E")]
    [InlineData("sip:alice")]
    [InlineData("alice@example.com>, <sip:bob")]
    [InlineData("tag\" , username=\"alice")]
    public async Task A_user_name(string user)
    {
        var bob = await Register("bob");
        using var odd = new Attacker(user);
        var (type, body) = Flows.Bodies.Multipart(
            list: Flows.Bodies.List.Replace("</list>", "<entry uri=\"sip:carol@example.com\"/></list>"));
        var invite = odd.Request("INVITE", DemoProfile.Factory)
            .Set("From", $"<sip:odd@example.com>;tag={Token.New(8)}")
            .Add("Contact", $"<sip:odd@{odd.Local}>")
            .Add("Require", "recipient-list-invite")
            .WithBody(type, body);

        var asking = odd.AskAsync(invite);
        await Until(() => asking.IsCompleted || bob.IncomingCalls.TryPeek(out _));
        if (bob.IncomingCalls.TryRead(out var ringing))
        {
            // Only what may stand in a SIP URI gets so far, and it is one user.
            Assert.Matches(@"^<sip:[A-Za-z0-9._~!*'()&=+$%-]+@example\.com>$", ringing.Invite["Referred-By"]);
            Assert.Null(ringing.Invite["X-Injected"]);
            await ringing.RejectAsync(486);
        }

        Assert.Contains((await Within(asking)).Status, (int[])[400, 403, 407, 480, 486]);
    }

    [Fact]
    public async Task Bytes_that_are_no_UTF8()
    {
        var (alice, bob, _) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob]);
        using var dave = new Attacker("alice");
        Profile.Capture.Exempt(dave.Local.Port, "no UTF-8", answersToo: true);
        var (type, body) = Flows.Bodies.Multipart(
            list: Flows.Bodies.List.Replace("</list>", "<entry uri=\"sip:carol@example.com\"/></list>"));
        var request = dave.Request("INVITE", DemoProfile.Factory)
            .Add("Contact", dave.Contact).Add("Require", "recipient-list-invite").Add("Subject", "MARK")
            .WithBody(type, body);
        request.Set("From", "\"MARK\" " + request["From"]);
        var challenge = await dave.AskOnceAsync(request);

        var bytes = SipCodec.Write(dave.Authorize(request, challenge).AddFirst("Via", dave.Via()));
        var text = Encoding.Latin1.GetString(bytes).Replace("MARK", "\xC3\x28\xFF\xFE\x80\xED\xA0\x80");
        await dave.SendAsync(Encoding.Latin1.GetBytes(text));

        var ringing = await Next(bob.IncomingCalls);
        await ringing.RejectAsync(486);
        Assert.Equal(200, await group.SayAsync(alice, "unharmed"));
    }

    private static async Task AssertCleanAsync(Handset bob, string session)
    {
        var watching = bob.Subscribe(session);
        Assert.Equal(200, (await Within(watching.Answered)).Status);
        var told = await Next(watching.Notifications);

        Assert.Equal(3, told.Roster.Count);
        Assert.DoesNotContain(told.Roster, user => user.Entity.Contains("eve", StringComparison.Ordinal));
        Assert.DoesNotContain(
            bob.Trace.SelectMany(record => record.Message.Headers),
            header => header.Name.Equals("X-Injected", StringComparison.OrdinalIgnoreCase));
    }
}
