using Google.Protobuf;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Deferred;
using ImSidecar.Core.Participating;
using ImSidecar.Msrp;
using ImSidecar.Protocol.Sip;
using ImSidecar.Server.Gateway.V1;
using ImSidecar.Server.Hosting;
using ImSidecar.Server.Tests.Gateway;
using ImSidecar.Server.Tests.Hosting;
using ImSidecar.Server.Tests.Stores;
using Kind = ImSidecar.Server.Gateway.V1.SipAction.ActionOneofCase;

namespace ImSidecar.Server.Tests.Deferred;

/// <summary>A user leaves messages for one who is away, or gets and deletes his own; a scripted Kamailio, both stores.</summary>
public sealed class DepositTests
{
    private const string Bob = "sip:bob@example.com";
    private const string Carol = "sip:carol@example.net";
    private const string Store = "sip:deferred@im.example.com";

    private const string Sdp =
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=message 7394 TCP/MSRP *\r\n"
        + "a=accept-types:message/cpim text/plain\r\na=accept-wrapped-types:*\r\n"
        + "a=path:msrp://127.0.0.1:7394/2s93i93idjkk;tcp\r\na=setup:actpass\r\n";

    private readonly InMemoryConferenceStore _store = new();
    private readonly ManualTime _time = new();
    private long _token;

    private ScriptedLink Node(StoredAggregate? resume = null, Func<DeferredPolicy, DeferredPolicy>? change = null) => new(
        _store,
        policy => policy with
        {
            Participating = new()
            {
                Domains = ["example.com"],
                Sources = [RegistrationSource.Registrar],
            },
            Deferred = (change ?? (same => same))(new()
            {
                IsOn = true,
                Uri = SipUri.Of("sip", "deferred", "im.example.com"),
                Quota = new(UserMessages: 3, UserBytes: 4 * 1024 * 1024, Messages: 100, Bytes: 100_000_000),
            }),
        },
        _time, resume: resume);

    private static SipEvent Sends(
        string from, string to, string method = "INVITE", string transaction = "t1", string body = Sdp,
        params (string Name, string Value)[] headers)
    {
        var wire = SipEventReaderTests.Wire(
            method, body,
            [("From", $"<{from}>;tag=their-tag"), ("To", $"<{to}>"), ("Content-Type", "application/sdp"), .. headers]);
        wire.Uri = to;
        wire.Transaction = transaction;
        wire.Identities.Clear();
        wire.Identities.Add($"<{from}>");
        return new() { Request = wire };
    }

    /// <summary>Bob was there once, and is not.</summary>
    private static async Task<ScriptedLink> AwayAsync(ScriptedLink node)
    {
        await node.SendAsync(new SipEvent
        {
            Registration = new()
            {
                AddressOfRecord = Bob,
                Contact = "sip:b@192.0.2.1",
                FeatureTags = { FeatureTags.Im },
                ExpiresSeconds = 0,
                CallId = "register",
                Cseq = 1,
            },
        });
        return node;
    }

    private static async Task<Reply> AnswerAsync(ScriptedLink node, SipEvent happened)
    {
        await node.SendAsync(happened);
        return (await node.NextAsync(Kind.Reply)).Reply;
    }

    private static SipEvent Acknowledges(Reply accepted, string transaction = "t1") => new()
    {
        Acknowledged = new()
        {
            Transaction = transaction,
            Dialog = new() { CallId = "call-1", FromTag = "their-tag", ToTag = "our-tag", Cseq = 1 },
        },
    };

    /// <summary>Carol's session for bob, with its MSRP leg.</summary>
    private static async Task<MsrpLeg> SessionAsync(ScriptedLink node)
    {
        var accepted = await AnswerAsync(node, Sends(Carol, Bob));
        Assert.Equal(200u, accepted.Code);
        await node.SendAsync(Acknowledges(accepted));
        return Assert.Single(node.Switch.Legs.Values);
    }

    private async Task<int> SaysAsync(ScriptedLink node, MsrpLeg leg, string id, string type = "text/plain")
    {
        var head = $"MSRP a{id} SEND\r\nTo-Path: {leg.LocalUri}\r\nFrom-Path: msrp://127.0.0.1:7394/2s93i93idjkk;tcp\r\n"
            + $"Message-ID: {id}\r\nByte-Range: 1-5/5\r\nContent-Type: {type}\r\n";
        node.Deposits.Take(new(
            leg.SessionId, leg.BridgeId, ++_token, id, type, ByteString.CopyFromUtf8(head).Memory, "hello"u8.ToArray()));
        var (sessionId, token, status) = await node.Switch.Answers.Reader.ReadAsync(
            TestContext.Current.CancellationToken);
        Assert.Equal((leg.SessionId, _token), (sessionId, token));
        return status;
    }

    private async Task<DeferredSession> SavedAsync()
    {
        await foreach (var id in _store.ActiveAsync(TestContext.Current.CancellationToken))
        {
            if (id.Kind == AggregateKind.DeferredSession)
                return (DeferredSession)(await _store.LoadAsync(id, TestContext.Current.CancellationToken))!.State;
        }

        throw new InvalidOperationException("There is no session");
    }

    private static async Task UntilAsync(Func<bool> isDone)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!isDone())
            await Task.Delay(10, patience.Token);
    }

    [Fact]
    public async Task What_is_said_to_who_is_away_is_kept_before_it_is_answered()
    {
        using var node = await AwayAsync(Node());
        var leg = await SessionAsync(node);
        Assert.True(leg.EndsHere);
        Assert.Equal([Carol], leg.Identities);
        Assert.Equal(["message/cpim", "text/plain"], leg.TakenTypes);
        Assert.InRange(leg.MaxIncomingBytes, 1_000_000, 1024 * 1024);

        Assert.Equal(200, await SaysAsync(node, leg, "4561"));
        Assert.Equal(200, await SaysAsync(node, leg, "4562"));

        Assert.Equal([1, 2], node.Messages.Messages.Select(each => each.Number));
        Assert.All(node.Messages.Messages, each => Assert.Equal(("sip:bob@example.com", Carol), (each.User, each.Sender.Text)));
    }

    [Fact]
    public async Task The_same_invite_by_another_way_gets_the_same_answer()
    {
        using var node = await AwayAsync(Node());
        var first = await AnswerAsync(node, Sends(Carol, Bob));

        var second = await AnswerAsync(node, Sends(Carol, Bob, transaction: "t2"));

        Assert.Equal((200u, "our-tag", first.Body), (second.Code, second.ToTag, second.Body));
        Assert.Single(node.Switch.Legs);
    }

    [Fact]
    public async Task A_caller_has_as_many_sessions_as_he_may_and_another_when_one_has_ended()
    {
        using var node = await AwayAsync(Node(change: policy => policy with { MaxSessionsPerSender = 1 }));
        Assert.Equal(200u, (await AnswerAsync(node, Sends(Carol, Bob))).Code);

        Assert.Equal(503u, (await AnswerAsync(node, Sends(Carol, "sip:dora@example.com", transaction: "t2"))).Code);
        Assert.Equal(200u, (await AnswerAsync(
            node, Sends("sip:ed@example.net", "sip:dora@example.com", transaction: "t3"))).Code);

        await node.SendAsync(new SipEvent { Cancelled = new() { Transaction = "t1" } });
        await UntilAsync(() => node.Switch.Legs.Count == 1);
        Assert.Equal(200u, (await AnswerAsync(node, Sends(Carol, "sip:eve@example.com", transaction: "t4"))).Code);
    }

    [Fact]
    public async Task A_draining_node_begins_no_session_but_keeps_a_MESSAGE_and_what_is_said_in_sessions_that_run()
    {
        using var node = await AwayAsync(Node());
        var leg = await SessionAsync(node);
        node.Drain.Begin();

        var another = Sends(Carol, Bob, transaction: "t2", headers: ("Call-ID", "call-2"));
        Assert.Equal(503u, (await AnswerAsync(node, another)).Code);
        Assert.Equal(503u, (await AnswerAsync(node, Sends(Bob, Store, transaction: "t3"))).Code);
        Assert.Equal(200, await SaysAsync(node, leg, "4561"));
        var kept = Sends("sip:ed@example.net", Bob, "MESSAGE", "t4", "Hi", ("Content-Type", "text/plain"));
        Assert.Equal(202u, (await AnswerAsync(node, kept)).Code);
        Assert.Equal(2, node.Messages.Messages.Count);
    }

    [Fact]
    public async Task A_call_that_is_given_up_leaves_nothing()
    {
        using var node = await AwayAsync(Node());
        await AnswerAsync(node, Sends(Carol, Bob));

        await node.SendAsync(new SipEvent { Cancelled = new() { Transaction = "t1" } });

        await UntilAsync(() => node.Switch.Legs.IsEmpty);
        await Assert.ThrowsAsync<InvalidOperationException>(SavedAsync);
    }

    [Fact]
    public async Task Who_answers_our_invite_when_its_session_is_gone_is_rid_of_it()
    {
        using var node = Node();
        var key = new ActionKey(AggregateId.Of(AggregateKind.DeferredSession, "abcdefghijklmnopqrstuvwxyz"), "dabc", "INVITE", 1);
        var invite = new Originate
        {
            ActionKey = key.ToString(),
            From = $"<{Store}>",
            FromTag = "ours",
            To = $"<{Bob}>",
            CallId = "call-9",
            Cseq = 1,
        };

        await node.SendAsync(ScriptedLink.Accepts(invite, "late"));

        Assert.Equal("late", (await node.NextAsync(Kind.Ack)).Ack.ToTag);
        var bye = (await node.NextAsync(Kind.Originate)).Originate;
        Assert.Equal(("BYE", "late", "call-9"), (bye.Method, bye.ToTag, bye.CallId));
    }

    [Fact]
    public async Task The_same_said_again_is_kept_once()
    {
        using var node = await AwayAsync(Node());
        var leg = await SessionAsync(node);

        Assert.Equal(200, await SaysAsync(node, leg, "4561"));
        Assert.Equal(200, await SaysAsync(node, leg, "4561"));

        Assert.Single(node.Messages.Messages);
    }

    [Fact]
    public async Task What_a_user_may_not_have_more_of_is_stopped_and_the_session_stays()
    {
        using var node = await AwayAsync(Node());
        var leg = await SessionAsync(node);
        foreach (var id in (string[])["4561", "4562", "4563"])
            Assert.Equal(200, await SaysAsync(node, leg, id));

        Assert.Equal(413, await SaysAsync(node, leg, "4564"));
        Assert.Single(node.Switch.Legs);

        Assert.Equal(480u, (await AnswerAsync(
            node, Sends(Carol, Bob, transaction: "t2", headers: ("Call-ID", "call-2")))).Code);
    }

    [Fact]
    public async Task Without_the_store_he_may_try_again()
    {
        using var node = await AwayAsync(Node());
        var leg = await SessionAsync(node);
        node.Messages.Fails = true;

        Assert.Equal(408, await SaysAsync(node, leg, "4561"));
        Assert.Equal(503u, (await AnswerAsync(
            node, Sends(Carol, Bob, transaction: "t2", headers: ("Call-ID", "call-2")))).Code);
        node.Messages.Fails = false;
        Assert.Equal(200, await SaysAsync(node, leg, "4561"));
    }

    [Fact]
    public async Task Who_types_is_answered_and_nothing_is_kept_of_it()
    {
        using var node = await AwayAsync(Node());
        var leg = await SessionAsync(node);

        Assert.Equal(200, await SaysAsync(node, leg, "4561", "application/im-iscomposing+xml"));

        Assert.Empty(node.Messages.Messages);
    }

    [Fact]
    public async Task A_leg_that_nobody_leaves_messages_on_takes_none()
    {
        using var node = Node();
        node.Deposits.Take(new("other", "other", 7, "4561", "text/plain", default, "hello"u8.ToArray()));

        Assert.Equal(("other", 7, 403), await node.Switch.Answers.Reader.ReadAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Messages_cost_no_save_of_the_session_and_keep_it_from_being_idle()
    {
        using var node = await AwayAsync(Node());
        var leg = await SessionAsync(node);
        _time.Advance(TimeSpan.FromMinutes(4));
        await node.Router.DrainAsync(TestContext.Current.CancellationToken);
        var saves = _store.Saves;
        await SaysAsync(node, leg, "4561");
        await SaysAsync(node, leg, "4562");
        Assert.Equal(saves, _store.Saves);

        _time.Advance(TimeSpan.FromMinutes(2));
        await UntilAsync(() => _store.Saves > saves);
        Assert.Empty(node.Take(Kind.Originate));

        _time.Advance(TimeSpan.FromMinutes(4));
        Assert.Equal("BYE", (await node.NextAsync(Kind.Originate)).Originate.Method);
        await UntilAsync(() => node.Switch.Legs.IsEmpty);
    }

    [Fact]
    public async Task The_bye_of_the_sender_leaves_nothing_but_the_messages()
    {
        using var node = await AwayAsync(Node());
        var leg = await SessionAsync(node);
        await SaysAsync(node, leg, "4561");

        var bye = Sends(
            Carol, $"sip:{leg.BridgeId}@im.example.com", "BYE", "t2", "", ("To", $"<{Bob}>;tag=our-tag"), ("CSeq", "2 BYE"));
        Assert.Equal(200u, (await AnswerAsync(node, bye)).Code);

        await UntilAsync(() => node.Switch.Legs.IsEmpty);
        Assert.Single(node.Messages.Messages);
        Assert.Null(node.Deferred.DepositOf(leg.SessionId));
        await Assert.ThrowsAsync<InvalidOperationException>(SavedAsync);
    }

    [Fact]
    public async Task An_ack_that_names_no_transaction_finds_its_session()
    {
        using var node = await AwayAsync(Node());
        var accepted = await AnswerAsync(node, Sends(Carol, Bob));

        await node.SendAsync(Acknowledges(accepted, transaction: ""));

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while ((await SavedAsync()).Leg!.State != LegState.Active)
            await Task.Delay(10, patience.Token);
    }

    [Fact]
    public async Task A_node_that_comes_back_goes_on_with_the_session()
    {
        MsrpLeg leg;
        using (var before = await AwayAsync(Node()))
        {
            await before.SendAsync(Sends(Carol, Bob));
            await before.NextAsync(Kind.Reply);
            leg = Assert.Single(before.Switch.Legs.Values);
        }

        var session = await SavedAsync();
        var stored = await _store.LoadAsync(session.Id, TestContext.Current.CancellationToken);
        using var node = Node(stored);
        await UntilAsync(() => node.Switch.Legs.ContainsKey(leg.SessionId));

        Assert.True(node.Switch.Legs[leg.SessionId].EndsHere);
        Assert.Equal(leg.TakenTypes, node.Switch.Legs[leg.SessionId].TakenTypes);
        Assert.Equal(200, await SaysAsync(node, leg, "4561"));
        Assert.Single(node.Messages.Messages);

        // The transaction is known too: nobody acknowledges, so it ends.
        await node.SendAsync(new SipEvent { AckTimeout = new() { Transaction = "t1" } });
        Assert.Equal("BYE", (await node.NextAsync(Kind.Originate)).Originate.Method);
    }

    [Fact]
    public async Task A_leg_that_is_opened_again_by_a_node_that_comes_back_takes_what_it_took()
    {
        MsrpLeg leg;
        using (var before = await AwayAsync(Node()))
            leg = await SessionAsync(before);

        // That it was opened is not struck off yet.
        var stored = (await _store.LoadAsync((await SavedAsync()).Id, TestContext.Current.CancellationToken))!;
        var session = (DeferredSession)stored.State;
        var opens = new OpenLeg(session.Id, session.Leg!.Media, [Carol]) { EndsHere = true, Entity = Bob, Address = Bob };
        var pending = new PendingEffects(new(TimeProvider.System));
        pending.Load(stored.Pending);
        Assert.True(await _store.TrySaveAsync(
            session.Id, session.Revision, new()
            {
                Head = session with { Revision = session.Revision + 1 },
                AddedEffects = pending.Number([new Owed(opens)], via: null),
            },
            TestContext.Current.CancellationToken));
        using var node = Node(stored);
        await node.Router.WhenIdle();

        Assert.Equal(leg.TakenTypes, node.Switch.Legs[leg.SessionId].TakenTypes);
        Assert.Equal(leg.MaxIncomingBytes, node.Switch.Legs[leg.SessionId].MaxIncomingBytes);
    }

    [Fact]
    public async Task A_user_who_calls_for_his_messages_is_answered_if_he_has_any()
    {
        using var node = await AwayAsync(Node());
        Assert.Equal(404u, (await AnswerAsync(node, Sends(Bob, Store))).Code);

        await SaysAsync(node, await SessionAsync(node), "4561");
        var found = await AnswerAsync(node, Sends(Bob, Store + ";message=1", transaction: "t3", headers: ("Call-ID", "call-3")));
        Assert.Equal(200u, found.Code);
        Assert.Contains("a=sendonly", found.Body.ToStringUtf8(), StringComparison.Ordinal);

        var missing = await AnswerAsync(
            node, Sends(Bob, Store + ";message=2", transaction: "t4", headers: ("Call-ID", "call-4")));
        Assert.Equal(404u, missing.Code);
    }

    [Fact]
    public async Task A_refer_deletes_what_it_names_for_good()
    {
        using var node = await AwayAsync(Node());
        var leg = await SessionAsync(node);
        await SaysAsync(node, leg, "4561");
        await SaysAsync(node, leg, "4562");

        var answer = await AnswerAsync(node, Sends(
            Bob, Store, "REFER", "t5", "", ("Call-ID", "call-5"), ("Refer-To", $"<{Store};message=1;method=BYE>")));

        Assert.Equal(202u, answer.Code);
        Assert.Equal([2], node.Messages.Messages.Select(each => each.Number));
        var notify = (await node.NextAsync(Kind.Originate)).Originate;
        Assert.Equal(("NOTIFY", "their-tag"), (notify.Method, notify.ToTag));
    }
}
