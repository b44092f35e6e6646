using ImSidecar.Client;
using ImSidecar.Client.Sip;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.Participating;

/// <summary>An S-CSCF tells who has registered, 3GPP TS 24.229 5.4.1.7; nobody else is believed.</summary>
public class ThirdPartyRegistrationTests(DemoProfile profile) : ServedFlow(profile)
{
    private const string Server = "sip:im.example.com";
    private const string ForCalls = "<sip:bob@192.0.2.2>;+g.3gpp.smsip";

    private readonly string _callId = Token.New(20);
    private uint _cseq;

    protected override IReadOnlyList<string> Settings =>
        [.. base.Settings, "--Participating:RegistrationSources=ThirdParty"];

    [Fact]
    public async Task Whom_the_core_registers_is_there_until_it_says_that_he_is_gone()
    {
        var (alice, bob, carol) = await RegisterThree();
        await AssertAwayAsync(alice, bob);

        var answer = await ToldAsync(alice, bob, 600);
        await ToldAsync(alice, carol, 600);

        Assert.Equal((200, "600"), (answer.Status, answer["Expires"]));
        Assert.Equal(200, (await SendAsync(alice, bob.AddressOfRecord)).Status);
        Assert.Equal("one line", (await Next(bob.Messages)).Text);

        Assert.Equal(200, (await ToldAsync(alice, bob, 0)).Status);
        await AssertAwayAsync(alice, bob);
        Assert.Equal(200, (await SendAsync(alice, carol.AddressOfRecord)).Status);
        await ToldAsync(alice, carol, 0);
    }

    [Fact]
    public async Task Who_is_not_refreshed_is_gone_when_his_time_is_over()
    {
        var (alice, bob, carol) = await RegisterThree();
        await ToldAsync(alice, bob, 1);
        await ToldAsync(alice, bob, 600);
        await ToldAsync(alice, carol, 1);

        using var limit = new CancellationTokenSource(Soon);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while ((await SendAsync(alice, carol.AddressOfRecord)).Status != 480)
            await tick.WaitForNextTickAsync(limit.Token);

        // His first second ended before hers.
        Assert.Equal(200, (await SendAsync(alice, bob.AddressOfRecord)).Status);
        await ToldAsync(alice, bob, 0);
    }

    [Fact]
    public async Task What_his_own_REGISTER_says_of_his_phones_counts()
    {
        var (alice, bob, _) = await RegisterThree();

        Assert.Equal(200, (await ToldAsync(alice, bob, 600, "<sip:bob@192.0.2.1>;+g.oma.sip-im", ForCalls)).Status);
        Assert.Equal(200, (await SendAsync(alice, bob.AddressOfRecord)).Status);

        await ToldAsync(alice, bob, 600, "<sip:bob@192.0.2.1>;+g.oma.sip-im;expires=0", ForCalls);
        await AssertAwayAsync(alice, bob);
        await ToldAsync(alice, bob, 0);
    }

    [Fact]
    public async Task What_the_core_said_outlives_kill_9()
    {
        var (alice, bob, carol) = await RegisterThree();
        await ToldAsync(alice, bob, 600);
        await ToldAsync(alice, carol, 600);
        await ToldAsync(alice, carol, 0);

        await Profile.KillSidecarAsync();
        await Profile.StartSidecarAsync();

        Assert.Equal(200, (await SendAsync(alice, bob.AddressOfRecord)).Status);
        await AssertAwayAsync(alice, carol);
        await ToldAsync(alice, bob, 0);
    }

    [Fact]
    public async Task A_handset_registers_nobody_with_us()
    {
        var (alice, bob, _) = await RegisterThree();

        var refused = await Within(alice.SendAsync(Registration(alice, bob, 600)));

        Assert.Equal(404, refused.Status);
        await AssertAwayAsync(alice, bob);
    }

    [Fact]
    public async Task Whom_we_do_not_serve_the_core_registers_elsewhere()
    {
        var alice = await Register("alice");
        var stranger = Stranger("dave", options: new() { User = "dave", Domain = "example.org" });

        Assert.Equal((404, "User is not served here"), await StatusOf(ToldAsync(alice, stranger, 600)));
        var endless = Registration(alice, alice, 600).Remove("Expires");
        Assert.Equal(
            (400, "Expires is missing or malformed"), await StatusOf(Within(alice.SendAsync(endless, Core))));

        static async Task<(int, string?)> StatusOf(Task<SipMessage> asking)
        {
            var answer = await asking;
            return (answer.Status, WarningOf(answer));
        }
    }

    /// <summary>A REGISTER of the core; with the user's own in it if there are contacts of his.</summary>
    private Task<SipMessage> ToldAsync(Handset core, Handset user, int seconds, params string[] contacts)
    {
        var told = Registration(core, user, seconds);
        if (contacts.Length > 0)
        {
            var own = user.CreateRequest("REGISTER", "sip:example.com").Add("Via", "SIP/2.0/UDP 192.0.2.1");
            foreach (var contact in contacts)
                own.Add("Contact", contact);
            told.WithBody("message/sip", SipCodec.Write(own));
        }

        return Within(core.SendAsync(told, Core));
    }

    private SipMessage Registration(Handset core, Handset user, int seconds) => core.CreateRequest("REGISTER", Server)
        .Set("From", $"<sip:scscf.example.com>;tag={Token.New(10)}")
        .Set("To", $"<{user.AddressOfRecord}>")
        .Set("Call-ID", _callId)
        .Set("CSeq", $"{++_cseq} REGISTER")
        .Add("Contact", "<sip:scscf.example.com>")
        .Add("Expires", $"{seconds}");

    private static async Task AssertAwayAsync(Handset from, Handset user)
    {
        var answer = await SendAsync(from, user.AddressOfRecord);
        Assert.Equal((480, NotAvailable), (answer.Status, WarningOf(answer)));
    }
}
