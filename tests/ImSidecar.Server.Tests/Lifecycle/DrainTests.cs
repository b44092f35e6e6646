using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.Xdm;
using ImSidecar.Server.Gateway.V1;
using ImSidecar.Server.Tests.Gateway;
using ImSidecar.Server.Tests.Hosting;
using ImSidecar.Server.Tests.Stores;
using ImSidecar.Server.Tests.Xdm.Diff;
using Kind = ImSidecar.Server.Gateway.V1.SipAction.ActionOneofCase;

namespace ImSidecar.Server.Tests.Lifecycle;

/// <summary>A node that is to be taken away: nothing new begins, everything there is goes on.</summary>
public sealed class DrainTests : IDisposable
{
    private const string Skiers = "sip:skiers@groups.example.com";

    private readonly InMemoryConferenceStore _store = new();
    private readonly ManualTime _time = new();
    private readonly ScriptedLink _node;

    public DrainTests()
    {
        _node = new(_store, time: _time, documents: new ListedDocuments());
        _node.Documents.Put(
            DocumentSelector.OfGroup(Skiers), new GroupXml(Skiers, "sip:alice@example.com", "sip:bob@example.com"));
    }

    public static TheoryData<SipEvent> NewWork => new(
        ScriptedLink.GroupInvite(),
        ScriptedLink.Calls(Skiers, "alice"),
        Request("MESSAGE", Skiers, "Hi", ("Content-Type", "text/plain")),
        new SipEvent { Request = DocumentSubscriptionTests.Subscribe() });

    public void Dispose() => _node.Dispose();

    [Theory]
    [MemberData(nameof(NewWork))]
    public async Task What_would_begin_something_gets_503_and_when_to_come_again(SipEvent begins)
    {
        _node.Drain.Begin();
        await _node.SendAsync(begins.Clone());

        var refused = (await _node.NextAsync(Kind.Reply)).Reply;
        Assert.Equal((503u, "5"), (refused.Code, Value(refused, "Retry-After")));
        Assert.Contains("\"Draining\"", Value(refused, "Warning"), StringComparison.Ordinal);
        Assert.Equal((1, 0), (_node.Drain.Refused, _node.Router.Count));
        Assert.Equal(1ul, (await _node.NextAsync(Kind.Confirm)).Confirm.Sequence);
    }

    [Fact]
    public async Task Who_joins_a_session_that_runs_gets_in()
    {
        await AcceptedAsync("alice");
        _node.Drain.Begin();

        await AcceptedAsync("bob");
        Assert.Equal(0, _node.Drain.Refused);
    }

    [Fact]
    public async Task What_happens_within_a_session_goes_on_and_one_that_is_over_is_not_begun_anew()
    {
        var accepted = await AcceptedAsync("alice");
        _node.Drain.Begin();

        await _node.SendAsync(ToSession("SUBSCRIBE", accepted, ("Event", "conference"), ("Expires", "600")));
        Assert.Equal(200u, (await _node.NextAsync(Kind.Reply)).Reply.Code);
        Assert.Equal("NOTIFY", (await _node.NextAsync(Kind.Originate)).Originate.Method);

        await _node.SendAsync(ToSession(
            "BYE", accepted, ("To", $"<{Skiers}>;tag=our-tag"), ("Call-ID", "call-of-alice")));
        Assert.Equal(200u, (await _node.NextAsync(Kind.Reply)).Reply.Code);
        Assert.Equal(503u, await CallAsync("bob"));
    }

    [Fact]
    public async Task What_names_a_session_that_is_not_there_is_refused_for_good()
    {
        _node.Drain.Begin();
        var invite = ScriptedLink.Calls("sip:aaaaaaaaaaaaaaaaaaaaaaaaaa@im.example.com", "alice");

        await _node.SendAsync(invite);

        Assert.Equal(403u, (await _node.NextAsync(Kind.Reply)).Reply.Code);
    }

    [Fact]
    public async Task When_it_is_over_sessions_begin_again()
    {
        _node.Drain.Begin();
        _node.Drain.Begin();
        Assert.Equal(_time.GetUtcNow(), _node.Drain.Since);
        Assert.Equal(503u, await CallAsync("alice"));

        _node.Drain.End();
        Assert.Null(_node.Drain.Since);
        Assert.Equal(200u, await CallAsync("alice"));
    }

    private async Task<Reply> AcceptedAsync(string user)
    {
        await _node.SendAsync(ScriptedLink.Calls(Skiers, user));
        var reply = (await _node.NextAsync(each => each.Reply is { Code: >= 200 })).Reply;
        Assert.Equal(200u, reply.Code);
        return reply;
    }

    private async Task<uint> CallAsync(string user)
    {
        await _node.SendAsync(ScriptedLink.Calls(Skiers, user));
        return (await _node.NextAsync(each => each.Reply is { Code: >= 200 })).Reply.Code;
    }

    private static SipEvent Request(
        string method, string uri, string body = "", params (string Name, string Value)[] headers)
    {
        var wire = SipEventReaderTests.Wire(method, body, headers);
        wire.Uri = uri;
        return new() { Request = wire };
    }

    // Of alice, to the session that the answer to her INVITE names.
    private static SipEvent ToSession(string method, Reply accepted, params (string Name, string Value)[] headers)
    {
        var happened = Request(
            method, Value(accepted, "Contact").Split('<', '>')[1], "",
            [("From", "<sip:alice@example.com>;tag=of-alice"), ("CSeq", "8 " + method), .. headers]);
        happened.Request.Transaction = "t-" + method;
        return happened;
    }

    private static string Value(Reply reply, string name) =>
        reply.Headers.Single(header => header.Name == name).Value.ToStringUtf8();
}
