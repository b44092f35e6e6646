using ImSidecar.Server.Gateway.V1;
using ImSidecar.Server.Tests.Gateway;
using ImSidecar.Server.Tests.Stores;
using Kind = ImSidecar.Server.Gateway.V1.SipAction.ActionOneofCase;

namespace ImSidecar.Server.Tests.Hosting;

/// <summary>A store that cannot be written: every conference waits for it, none tries by itself, nothing is lost.</summary>
public class FailingStoreTests
{
    private readonly FaultyStore _store = new();
    private readonly ManualTime _time = new();

    [Fact]
    public async Task What_happened_meanwhile_is_done_when_the_store_is_well_again()
    {
        using var node = Node();
        var invite = await RingingAsync(node);
        _store.BeginFailing();
        var begun = _store.Begun;

        await node.SendAsync(ScriptedLink.Accepts(invite, "bob"));
        await node.Router.DrainAsync(CancellationToken.None);
        Assert.Equal(begun + 1, _store.Begun);
        Assert.Equal(1, node.Admission.EventsInWork);

        _store.EndFailing();
        Assert.Equal("bob", (await node.NextAsync(Kind.Ack)).Ack.ToTag);
        Assert.Equal(200u, (await node.NextAsync(Kind.Reply)).Reply.Code);
        await node.Router.DrainAsync(CancellationToken.None);
        Assert.Equal(0, node.Admission.EventsInWork);
    }

    [Fact]
    public async Task A_request_gets_its_503_at_once_though_the_conference_waits()
    {
        using var node = Node();
        var invite = await RingingAsync(node);
        var identity = (await _store.Inner.SingleAsync()).Conference.SessionIdentity.Text;
        _store.BeginFailing();
        await node.SendAsync(ScriptedLink.Accepts(invite, "bob"));
        await node.Router.DrainAsync(CancellationToken.None);

        var bye = SipEventReaderTests.Wire("BYE", ("To", $"<{identity}>;tag=x"));
        (bye.Transaction, bye.Uri) = ("t2", identity);
        await node.SendAsync(new() { Request = bye });

        var refused = (await node.NextAsync(Kind.Reply)).Reply;
        Assert.Equal(("t2", 503u), (refused.Transaction, refused.Code));
        Assert.Equal(0, node.Admission.RequestsInWork);
    }

    [Fact]
    public async Task Time_and_streams_that_come_and_go_make_no_conference_try()
    {
        using var node = Node();
        await RingingAsync(node);
        _store.BeginFailing();
        _time.Advance(TimeSpan.FromMinutes(5));
        await node.Router.DrainAsync(CancellationToken.None);
        var begun = _store.Begun;

        for (var i = 0; i < 100; i++)
        {
            node.Detach();
            node.Attach("boot-" + i);
            _time.Advance(TimeSpan.FromMinutes(5));
        }

        await node.Router.DrainAsync(CancellationToken.None);
        Assert.Equal(begun, _store.Begun);
        _store.EndFailing();
        Assert.True(SpinWait.SpinUntil(() => _store.Begun > begun, TimeSpan.FromSeconds(10)));
        await node.Router.DrainAsync(CancellationToken.None);
        Assert.InRange(_store.Begun, begun + 1, begun + 3);
    }

    [Fact]
    public async Task A_conference_that_alone_cannot_be_saved_is_tried_ever_more_rarely_and_then_given_up()
    {
        using var node = new ScriptedLink(
            _store, policy => policy with { NoAnswer = TimeSpan.FromDays(365) }, _time, health: _store.Health);
        var invite = await RingingAsync(node);
        var begun = _store.Begun;
        _store.Error = new InvalidOperationException("of this conference");

        await node.SendAsync(ScriptedLink.Accepts(invite, "bob"));
        var seconds = 0;
        while (node.Admission.EventsInWork > 0)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            Assert.InRange(++seconds, 0, 10_000);
            // The mailbox needs a processor too.
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }

        Assert.InRange(_store.Begun - begun, 7, 20);
        _store.Error = null;
        await node.SendAsync(ScriptedLink.Accepts(invite, "bob"));
        Assert.Equal("bob", (await node.NextAsync(Kind.Ack)).Ack.ToTag);
    }

    private ScriptedLink Node() => new(_store, time: _time, health: _store.Health);

    private static async Task<Originate> RingingAsync(ScriptedLink node)
    {
        await node.SendAsync(ScriptedLink.GroupInvite());
        var invite = (await node.NextAsync(Kind.Originate)).Originate;
        await node.Router.DrainAsync(CancellationToken.None);
        return invite;
    }
}
