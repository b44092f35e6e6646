using ImSidecar.Core.Conferences;
using ImSidecar.Core.Participating;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Xdm;
using ImSidecar.Server.Gateway.V1;
using ImSidecar.Server.Tests.Gateway;
using ImSidecar.Server.Tests.Hosting;
using ImSidecar.Server.Tests.Stores;
using Kind = ImSidecar.Server.Gateway.V1.SipAction.ActionOneofCase;

namespace ImSidecar.Server.Tests.Participating;

/// <summary>Requests that pass by and registrations, between a scripted Kamailio, a store and documents.</summary>
public sealed class ServedUserTests
{
    private const string Alice = "sip:alice@example.com";
    private const string Bob = "sip:bob@example.com";
    private const string Carol = "sip:carol@example.net";

    private readonly InMemoryConferenceStore _store = new();
    private readonly ManualTime _time = new();

    private ScriptedLink Node(StoredAggregate? resume = null, ParticipatingPolicy? participating = null) => new(
        _store,
        policy => policy with
        {
            Participating = participating ?? new()
            {
                Domains = ["example.com"],
                Sources = [RegistrationSource.Registrar, RegistrationSource.ThirdParty],
            },
        },
        _time, resume: resume);

    private static SipEvent Sends(
        string from, string to, string method = "MESSAGE", SessionCase half = SessionCase.Unspecified,
        params (string Name, string Value)[] headers)
    {
        var wire = SipEventReaderTests.Wire(
            method, "hello", [("From", $"<{from}>;tag=1"), ("To", $"<{to}>"), .. headers]);
        wire.Uri = to;
        wire.SessionCase = half;
        wire.Identities.Clear();
        wire.Identities.Add($"<{from}>");
        return new() { Request = wire };
    }

    private static SipEvent Registers(string user, uint seconds = 600, uint cseq = 1, string contact = "sip:b@192.0.2.1") =>
        new()
        {
            Registration = new()
            {
                AddressOfRecord = user,
                Contact = contact,
                FeatureTags = { FeatureTags.Im },
                ExpiresSeconds = seconds,
                CallId = "register",
                Cseq = cseq,
            },
        };

    private static async Task<Relay> RelayedAsync(ScriptedLink node, SipEvent happened)
    {
        await node.SendAsync(happened);
        return (await node.NextAsync(action => action.ActionCase is Kind.Relay or Kind.Reply or Kind.Decline)).Relay;
    }

    private static async Task<Reply> RefusedAsync(ScriptedLink node, SipEvent happened)
    {
        await node.SendAsync(happened);
        return (await node.NextAsync(action => action.ActionCase is Kind.Relay or Kind.Reply or Kind.Decline)).Reply;
    }

    [Fact]
    public async Task What_passes_costs_no_save_and_leaves_nothing()
    {
        using var node = Node(participating: new() { Domains = ["example.com"] });

        for (var i = 0; i < 50; i++)
            Assert.Equal(SessionCase.Terminating, (await RelayedAsync(node, Sends(Carol, Bob))).Passed);
        await node.Router.DrainAsync(CancellationToken.None);

        Assert.Equal((0, 0, 0), (_store.Saves, node.Router.Count, node.Alarms));
        Assert.Equal(0, node.Admission.RequestsInWork);
    }

    [Fact]
    public async Task Of_two_who_are_served_the_sender_comes_first_and_it_is_relayed_once()
    {
        using var node = Node();
        await node.SendAsync(Registers(Bob));

        var relay = await RelayedAsync(node, Sends(Alice, Bob, "INVITE"));

        Assert.Equal((SessionCase.Terminating, true, "t1"), (relay.Passed, relay.RecordRoute, relay.Transaction));
        Assert.Empty(node.Take(Kind.Relay));
    }

    [Theory]
    [InlineData(Alice, Carol, SessionCase.Unspecified, SessionCase.Originating)]
    [InlineData(Carol, Bob, SessionCase.Unspecified, SessionCase.Terminating)]
    [InlineData(Alice, Bob, SessionCase.Originating, SessionCase.Originating)]
    [InlineData(Alice, Bob, SessionCase.Terminating, SessionCase.Terminating)]
    [InlineData(Carol, "sip:dave@example.org", SessionCase.Originating, SessionCase.Originating)]
    public async Task The_half_that_is_asked_for_runs_or_the_one_that_is_ours(
        string from, string to, SessionCase asked, SessionCase passed)
    {
        using var node = Node();
        await node.SendAsync(Registers(Bob));

        Assert.Equal(passed, (await RelayedAsync(node, Sends(from, to, half: asked))).Passed);
    }

    [Theory]
    [InlineData(Carol, "sip:dave@example.org", "")]
    [InlineData(Carol, "tel:+12015550123", "")]
    [InlineData(Carol, Bob, "in the dialog")]
    [InlineData("sip:conf-factory@im.example.com", "tel:+12015550123", "", SessionCase.Terminating)]
    public async Task Other_requests_go_back_as_they_came(
        string from, string to, string tag, SessionCase half = SessionCase.Unspecified)
    {
        using var node = Node();
        var happened = tag.Length == 0
            ? Sends(from, to, half: half)
            : Sends(from, to, headers: ("To", $"<{to}>;tag={tag.Length}"));

        await node.SendAsync(happened);

        await node.NextAsync(Kind.Decline);
        Assert.Empty(node.Take(Kind.Relay));
    }

    [Fact]
    public async Task Without_a_domain_nothing_is_looked_at()
    {
        using var node = Node(participating: ParticipatingPolicy.Off);

        await node.SendAsync(Sends(Carol, Bob, headers: ("From", "nonsense")));

        await node.NextAsync(Kind.Decline);
    }

    [Fact]
    public async Task Nobody_gets_by_the_rules_with_a_malformed_head()
    {
        using var node = Node();

        var reply = await RefusedAsync(node, Sends(Carol, Bob, headers: ("From", "nonsense")));

        Assert.Equal(400u, reply.Code);
    }

    [Fact]
    public async Task What_it_requires_of_its_receiver_is_none_of_our_business()
    {
        using var node = Node();
        await node.SendAsync(Registers(Bob));

        var relay = await RelayedAsync(node, Sends(Carol, Bob, "INVITE", headers: ("Require", "precondition")));

        Assert.Equal(SessionCase.Terminating, relay.Passed);
    }

    [Fact]
    public async Task A_blocked_caller_is_refused_and_gets_through_when_he_is_no_longer_blocked()
    {
        using var node = Node();
        await node.SendAsync(Registers(Bob));
        var index = new DocumentSelector(ApplicationUsage.ResourceLists, Bob, "index");
        node.Documents.Put(index,
            "<resource-lists xmlns='urn:ietf:params:xml:ns:resource-lists'><list name='oma_blockedcontacts'>"
            + $"<entry uri='{Carol}'/></list></resource-lists>");
        Assert.Equal(403u, (await RefusedAsync(node, Sends(Carol, Bob))).Code);

        node.Documents.Delete(index);

        Assert.NotNull(await RelayedAsync(node, Sends(Carol, Bob)));
    }

    [Fact]
    public async Task Rules_that_cannot_be_read_let_nobody_through()
    {
        using var node = Node();
        await node.SendAsync(Registers(Bob));
        node.Documents.IsAway = true;

        var reply = await RefusedAsync(node, Sends(Carol, Bob));

        Assert.Equal(480u, reply.Code);
        Assert.Equal("10", reply.Headers.Single(each => each.Name == "Retry-After").Value.ToStringUtf8());
    }

    [Fact]
    public async Task A_registration_is_confirmed_once_it_is_saved_and_outlives_the_node()
    {
        using (var killed = Node())
        {
            await killed.SendAsync(Registers(Bob, 3600));
            await killed.NextAsync(Kind.Confirm);
            Assert.Equal((1, 1), (_store.Count, killed.ServedUsers.Count));
        }

        using var node = Node(await _store.SingleAsync());

        Assert.NotNull(await RelayedAsync(node, Sends(Carol, Bob)));
        Assert.Equal(1, node.ServedUsers.Count);
    }

    [Fact]
    public async Task What_expires_or_ends_leaves_no_row_and_no_mailbox()
    {
        using var node = Node();
        await node.SendAsync(Registers(Alice));
        await node.SendAsync(Registers(Bob));
        await node.SendAsync(Registers(Bob, 0, 2));
        await node.Router.DrainAsync(CancellationToken.None);
        Assert.Equal(480u, (await RefusedAsync(node, Sends(Carol, Bob))).Code);

        _time.Advance(TimeSpan.FromSeconds(600));
        await node.Router.DrainAsync(CancellationToken.None);

        Assert.Equal((0, 0, 0), (_store.Count, node.Router.Count, node.ServedUsers.Count));
        Assert.Equal(480u, (await RefusedAsync(node, Sends(Carol, Alice))).Code);
    }

    [Theory]
    [InlineData("sip:+12015550123@example.com", "tel:+1-201-555-0123")]
    [InlineData("tel:+12015550123", "sip:+12015550123@example.com;user=phone")]
    public async Task A_number_is_one_user_whichever_way_it_is_written(string registered, string called)
    {
        using var node = Node();
        await node.SendAsync(Registers(registered));
        await node.Router.DrainAsync(CancellationToken.None);

        Assert.Equal(SessionCase.Terminating, (await RelayedAsync(node, Sends(Carol, called))).Passed);
        Assert.Equal(1, node.ServedUsers.Count);
    }

    [Fact]
    public async Task Registrations_of_others_are_not_kept()
    {
        using var node = Node();

        await node.SendAsync(Registers(Carol));
        await node.SendAsync(Registers("nonsense"));
        await node.Router.DrainAsync(CancellationToken.None);

        Assert.Equal((2ul, 0), (node.Confirmed, _store.Count));
    }

    [Fact]
    public async Task A_request_beside_a_registration_is_passed_on_and_not_kept()
    {
        var gate = new TaskCompletionSource();
        using var node = Node();
        await node.SendAsync(Registers(Bob));
        node.Documents.Gate = gate.Task;
        await node.SendAsync(Sends(Carol, Bob));
        await node.SendAsync(Registers(Bob, 700, 2));
        var third = Sends(Carol, Bob);
        third.Request.Transaction = "t2";
        await node.SendAsync(third);

        gate.SetResult();

        await node.NextAsync(action => action.Relay?.Transaction == "t2");
        await node.Router.DrainAsync(CancellationToken.None);
        Assert.Empty((await _store.SingleAsync()).Pending);
    }

    [Fact]
    public async Task An_s_cscf_registers_a_user_with_what_he_sent_himself()
    {
        using var node = Node();
        var register = SipEventReaderTests.Wire(
            "REGISTER",
            "REGISTER sip:example.com SIP/2.0\r\nFrom: <sip:bob@example.com>;tag=1\r\n"
            + "Contact: <sip:bob@192.0.2.1:5060>;audio;+g.oma.sip-im;expires=7200, <sip:bob@192.0.2.2>;audio;expires=0\r\n"
            + "Expires: 3600\r\n\r\n",
            ("From", "<sip:scscf.example.com>;tag=2"), ("To", $"<{Bob}>"), ("Contact", "<sip:scscf.example.com>"),
            ("Expires", "600"), ("Content-Type", "message/sip"));
        register.Uri = "sip:im.example.com";

        var reply = await RefusedAsync(node, new() { Request = register });

        Assert.Equal(200u, reply.Code);
        var user = (ServedUser)(await _store.SingleAsync()).State;
        Assert.Equal(
            [("sip:bob@192.0.2.1:5060", false, 600), ("sip:bob@192.0.2.2", true, 64)],
            user.Contacts.Select(each => (
                each.Contact, each.IsGone, (int)(each.ExpiresAt - _time.GetUtcNow()).TotalSeconds)));
        Assert.NotNull(await RelayedAsync(node, Sends(Carol, Bob)));
    }

    [Theory]
    [InlineData("Expires", "soon", 400u)]
    [InlineData("Content-Type", "message/sip", 200u)]
    public async Task A_register_that_says_less_counts_for_what_it_says(string name, string value, uint code)
    {
        using var node = Node();
        var register = SipEventReaderTests.Wire(
            "REGISTER", "no message", ("To", $"<{Bob}>"), ("Expires", "600"), ("Content-Type", "text/plain"),
            (name, value));
        register.Uri = "sip:im.example.com";

        Assert.Equal(code, (await RefusedAsync(node, new() { Request = register })).Code);
    }

    [Fact]
    public async Task Who_has_no_service_starts_no_session_either()
    {
        using var node = Node();
        node.Router.Post(
            new Server.Participating.ServedUserIds(new(new byte[32]), Policy()).Of(Uri(Alice)),
            new ServiceSettingsChanged(Uri(Alice), new() { IsActive = false }));
        await node.Router.DrainAsync(CancellationToken.None);

        Assert.Equal(403u, (await RefusedAsync(node, ScriptedLink.GroupInvite())).Code);
        Assert.Empty(node.Take(Kind.Originate));
        Assert.Equal(1, _store.Count);
    }

    [Fact]
    public async Task Where_the_registrar_is_asked_a_call_goes_on_meanwhile_and_what_it_tells_counts()
    {
        using var node = Node(participating: new()
        {
            Domains = ["example.com"],
            Sources = [RegistrationSource.RegEvent],
        });
        await node.SendAsync(Sends(Carol, Bob));
        await node.NextAsync(Kind.Relay);
        var subscribe = (await node.NextAsync(Kind.Originate)).Originate;
        Assert.Equal(("SUBSCRIBE", Bob), (subscribe.Method, subscribe.Uri));
        await node.SendAsync(new SipEvent
        {
            Response = new()
            {
                ActionKey = subscribe.ActionKey,
                Code = 200,
                Reason = "OK",
                Headers =
                {
                    ScriptedLink.Field("To", $"<{Bob}>;tag=registrar"),
                    ScriptedLink.Field("Contact", "<sip:scscf.example.com>"),
                    ScriptedLink.Field("Expires", "600"),
                },
            },
        });

        var notify = SipEventReaderTests.Wire(
            "NOTIFY",
            "<reginfo xmlns='urn:ietf:params:xml:ns:reginfo' version='0' state='full'/>",
            ("From", $"<{Bob}>;tag=registrar"), ("To", $"{subscribe.From};tag={subscribe.FromTag}"),
            ("Call-ID", subscribe.CallId), ("Event", "reg"), ("Subscription-State", "active;expires=600"),
            ("Content-Type", "application/reginfo+xml"));
        notify.Uri = subscribe.Headers.Single(each => each.Name == "Contact").Value.ToStringUtf8().Trim('<', '>');
        Assert.Equal(200u, (await RefusedAsync(node, new() { Request = notify })).Code);
        Assert.Equal(480u, (await RefusedAsync(node, Sends(Carol, Bob))).Code);
    }

    private static OperatorPolicy Policy() => new()
    {
        ConferenceFactory = Uri("sip:conf-factory@im.example.com"),
        ReleaseVersion = "",
        MsrpHost = "",
        MsrpPort = 1,
    };

    private static SipUri Uri(string text) => SipUri.TryParse(text, out var uri) ? uri : throw new FormatException(text);
}
