using Google.Protobuf;
using ImSidecar.Core.Conferences;
using ImSidecar.Server.Gateway;
using ImSidecar.Server.Gateway.V1;
using ImSidecar.Server.Tests.Hosting;
using ImSidecar.Server.Tests.Stores;
using Kind = ImSidecar.Server.Gateway.V1.SipAction.ActionOneofCase;

namespace ImSidecar.Server.Tests.Gateway;

/// <summary>More than the disk takes: new work is refused early and cheaply, accepted work goes on.</summary>
public class AdmissionTests
{
    private readonly FaultyStore _store = new() { IsSlow = true };
    private readonly ManualTime _time = new();

    [Fact]
    public async Task New_requests_beyond_the_limit_are_refused_and_cost_no_save()
    {
        using var node = Node(new() { MaxNewRequests = 3 });
        for (var i = 1; i <= 3; i++)
            await node.SendAsync(Invite(i));
        await UntilBegun(3);

        await node.SendAsync(Invite(4));
        var refused = (await node.NextAsync(Kind.Reply)).Reply;

        Assert.Equal(("t4", 503u), (refused.Transaction, refused.Code));
        Assert.Equal("5", Value(refused, "Retry-After"));
        Assert.Contains("\"Overloaded\"", Value(refused, "Warning"), StringComparison.Ordinal);
        Assert.Equal((3, 3, 3), (_store.Begun, node.Admission.RequestsInWork, node.Router.Count));
        Assert.Equal(1, node.Admission.Refused);

        _store.Release(100);
        await Until(() => node.Admission.RequestsInWork == 0);
        await node.SendAsync(Invite(5));
        await Until(() => node.Router.Count == 4);
    }

    [Fact]
    public async Task Kamailio_is_told_for_how_long_to_refuse_by_itself()
    {
        using var node = Node(new() { MaxDelay = TimeSpan.FromMilliseconds(400) });
        await node.SendAsync(Invite(1));
        await UntilBegun(1);
        _time.Advance(TimeSpan.FromMilliseconds(600));

        await node.SendAsync(Invite(2));
        await node.SendAsync(Invite(3));
        Assert.Equal(150u, (await node.NextAsync(Kind.Pause)).Pause.Milliseconds);
        Assert.Equal((503u, "t2"), await NextAnswerAsync(node));
        Assert.Equal("t3", (await node.NextAsync(each => each.ActionCase != Kind.Confirm)).Reply.Transaction);

        _time.Advance(TimeSpan.FromMinutes(1));
        await node.SendAsync(Invite(4));
        Assert.Equal(250u, (await node.NextAsync(Kind.Pause)).Pause.Milliseconds);
    }

    [Fact]
    public async Task New_requests_are_refused_when_the_oldest_waits_too_long()
    {
        using var node = Node(new() { MaxDelay = TimeSpan.FromSeconds(2) });
        await node.SendAsync(Invite(1));
        await UntilBegun(1);

        _time.Advance(TimeSpan.FromSeconds(2));
        await node.SendAsync(Invite(2));
        await UntilBegun(2);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await node.SendAsync(Invite(3));

        Assert.Equal("t3", (await node.NextAsync(Kind.Reply)).Reply.Transaction);
        _store.Release(100);
        await Until(() => node.Admission.RequestsInWork == 0);
        await node.SendAsync(Invite(4));
        await UntilBegun(3);
    }

    [Fact]
    public async Task Requests_within_a_dialog_are_taken_on_up_to_a_limit_of_their_own()
    {
        using var node = Node(new() { MaxNewRequests = 1, MaxRequests = 3 });
        _store.IsSlow = false;
        await node.SendAsync(Invite(1));
        await Until(() => node.Admission.RequestsInWork == 0);
        var identity = (await _store.Inner.SingleAsync()).Conference.SessionIdentity.Text;
        _store.IsSlow = true;
        await node.SendAsync(Invite(2));
        await UntilBegun(2);

        await node.SendAsync(Subscribe(3, identity));
        await node.SendAsync(Bye(4, identity));
        Assert.Equal("t3", (await node.NextAsync(Kind.Reply)).Reply.Transaction);
        Assert.Equal((481u, "t4"), await NextAnswerAsync(node));

        await node.SendAsync(Cancelled("t1"));
        await UntilBegun(3);
        for (var i = 5; i <= 7; i++)
            await node.SendAsync(Bye(i, identity));
        Assert.Equal((503u, "t7"), await NextAnswerAsync(node));
    }

    [Fact]
    public async Task Beyond_the_last_limit_nothing_is_read_until_there_is_room()
    {
        using var node = Node(new() { MaxNewRequests = 1, MaxRequests = 1, MaxEvents = 2 });
        await node.SendAsync(Invite(1));
        await UntilBegun(1);
        await node.SendAsync(Cancelled("t1"));

        var third = node.SendAsync(Cancelled("t1"));
        Assert.False(third.IsCompleted);
        Assert.Equal(2, node.Admission.EventsInWork);

        _store.Release(100);
        await third.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        await Until(() => node.Admission.EventsInWork == 0);
    }

    [Fact]
    public async Task A_request_for_somebody_else_is_handed_back_even_then()
    {
        using var node = Node(new() { MaxNewRequests = 1 });
        await node.SendAsync(Invite(1));
        await UntilBegun(1);
        var other = Invite(2);
        other.Request.Uri = "sip:bob@example.com";

        await node.SendAsync(other);

        Assert.Equal("t2", (await node.NextAsync(Kind.Decline)).Decline.Transaction);
    }

    [Fact]
    public async Task A_refusal_that_the_end_of_the_stream_interrupts_holds_up_no_confirmation()
    {
        using var node = Node(new() { MaxNewRequests = 1 });
        var ended = new CancellationToken(canceled: true);
        var malformed = Invite(1);
        malformed.Request.Uri = "nonsense";

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => node.SendAsync(1, malformed, ended));

        Assert.Equal(1ul, node.Confirmed);
        Assert.Equal((0, 0), (node.Admission.EventsInWork, node.Admission.RequestsInWork));
    }

    [Fact]
    public async Task While_the_store_fails_new_requests_are_refused_without_a_try()
    {
        using var node = Node(new());
        _store.BeginFailing();

        await node.SendAsync(Invite(1));
        var refused = (await node.NextAsync(Kind.Reply)).Reply;

        Assert.Equal(503u, refused.Code);
        Assert.Contains("\"Store not writable\"", Value(refused, "Warning"), StringComparison.Ordinal);
        Assert.Equal(0, _store.Begun);
    }

    [Fact]
    public async Task What_only_passes_goes_on_while_the_store_fails()
    {
        using var node = new ScriptedLink(
            _store, policy => policy with { Participating = new() { Domains = ["example.com"] } }, _time,
            overload: new(), health: _store.Health);
        _store.BeginFailing();

        var message = SipEventReaderTests.Wire("MESSAGE", ("To", "<sip:bob@example.com>"));
        message.Uri = "sip:bob@example.com";
        await node.SendAsync(new() { Request = message });

        Assert.Equal(
            SessionCase.Terminating,
            (await node.NextAsync(each => each.ActionCase is Kind.Relay or Kind.Reply)).Relay?.Passed);
        Assert.Equal(0, _store.Begun);
    }

    private ScriptedLink Node(OverloadOptions overload) =>
        new(_store, time: _time, overload: overload, health: _store.Health);

    private Task UntilBegun(int saves) => Until(() => _store.Begun == saves);

    private static async Task Until(Func<bool> isSo)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(2));
        while (!isSo())
            await tick.WaitForNextTickAsync(limit.Token);
    }

    private static async Task<(uint Code, string Transaction)> NextAnswerAsync(ScriptedLink node)
    {
        var reply = (await node.NextAsync(Kind.Reply)).Reply;
        return (reply.Code, reply.Transaction);
    }

    private static SipEvent Invite(int number)
    {
        var invite = ScriptedLink.GroupInvite("t" + number);
        invite.Request.Headers.First(header => header.Name == "Call-ID").Value =
            ByteString.CopyFromUtf8("call-" + number);
        return invite;
    }

    private static SipEvent Subscribe(int number, string identity) =>
        new() { Request = Within(number, identity, SipEventReaderTests.Wire("SUBSCRIBE", ("Event", "conference"))) };

    private static SipEvent Bye(int number, string identity) =>
        new() { Request = Within(number, identity, SipEventReaderTests.Wire("BYE", ("To", $"<{identity}>;tag=x"))) };

    private static Request Within(int number, string identity, Request wire)
    {
        wire.Transaction = "t" + number;
        wire.Uri = identity;
        return wire;
    }

    private static SipEvent Cancelled(string transaction) => new() { Cancelled = new() { Transaction = transaction } };

    private static string Value(Reply reply, string name) =>
        reply.Headers.Single(header => header.Name == name).Value.ToStringUtf8();
}
