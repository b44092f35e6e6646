using ImSidecar.Core.Conferences;
using ImSidecar.Server.Gateway;
using ImSidecar.Server.Gateway.V1;
using ImSidecar.Server.Tests.Stores;

namespace ImSidecar.Server.Tests.Hosting;

/// <summary>One node that serves two Kamailios: who gets what, and what the end of one of them means.</summary>
public sealed class SeveralLinksTests : IDisposable
{
    // As the module names them, and what its transactions begin with.
    private const string FirstBoot = "11111111";
    private const string SecondBoot = "22222222";
    private const string ThirdBoot = "33333333";

    private readonly ManualTime _time = new();
    private readonly InMemoryConferenceStore _store = new();
    private readonly ScriptedLink _node;

    public SeveralLinksTests() => _node = new(_store, time: _time, boot: FirstBoot);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _node.Dispose();

    [Fact]
    public async Task A_reply_goes_to_the_Kamailio_that_holds_the_transaction()
    {
        var second = Attach("second", SecondBoot);
        await _node.SendAsync(ScriptedLink.GroupInvite(SecondBoot + "-1-2"));
        var (invites, through) = await InvitesAsync(second);

        await _node.SendAsync(ScriptedLink.Accepts(invites[0], "bob"));

        var reply = await NextAsync(second, SipAction.ActionOneofCase.Reply);
        Assert.Equal(SecondBoot + "-1-2", reply.Reply.Transaction);
        Assert.Contains(through.Boot, new[] { FirstBoot, SecondBoot });
    }

    [Fact]
    public async Task All_requests_of_a_conference_go_through_one_Kamailio_and_the_store_knows_which()
    {
        var second = Attach("second", SecondBoot);
        await _node.SendAsync(ScriptedLink.GroupInvite(SecondBoot + "-1-2"));

        var (invites, through) = await InvitesAsync(second);

        Assert.Equal(2, invites.Length);
        var stored = await _store.SingleAsync();
        Assert.All(stored.Pending.Where(each => each.Effect is SendRequest), each => Assert.Equal(through.Boot, each.Effect.Via));
    }

    [Fact]
    public async Task Conferences_are_shared_out_among_the_Kamailios()
    {
        var second = Attach("second", SecondBoot);
        var boots = new HashSet<string?>();
        for (var i = 0; i < 64; i++)
            boots.Add(_node.Links.BootFor(new("abcdefghijklmnopqrstuvwx" + new Slot(i * 16).Characters)));

        Assert.Equal([FirstBoot, second.Boot], boots.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_Kamailio_that_restarts_loses_what_was_in_flight_there_and_nothing_else()
    {
        var second = Attach("second", SecondBoot);
        await _node.SendAsync(ScriptedLink.GroupInvite(SecondBoot + "-1-2"));
        var (_, through) = await InvitesAsync(second);
        var other = through == second ? ("test", FirstBoot) : ("second", SecondBoot);

        // The one through which nothing of ours went.
        await RestartAsync(other.Item1);
        var afterOther = (await _store.SingleAsync()).State as Conference;
        if (other.Item2 == SecondBoot)
        {
            // It held the waiting INVITE.
            Assert.Equal(ConferencePhase.Released, afterOther!.Phase);
            return;
        }

        Assert.All(afterOther!.Participants.Values.Where(each => each.Leg.State != LegState.Offered), callee => Assert.Equal(LegState.Inviting, callee.Leg.State));
        await RestartAsync("second");
        Assert.Equal(ConferencePhase.Released, ((Conference)(await _store.SingleAsync()).State).Phase);
    }

    [Fact]
    public async Task One_that_stays_away_while_another_is_there_is_given_up()
    {
        var second = Attach("second", SecondBoot);
        _node.Links.Detach(second);
        Assert.Empty(_node.Links.Boots.Expire());

        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal([SecondBoot], _node.Links.Boots.Expire());
        Assert.True(_node.Links.Boots.IsOver(SecondBoot));
        Assert.Empty(_node.Links.Boots.Expire());
        Attach("second", SecondBoot);
        Assert.False(_node.Links.Boots.IsOver(SecondBoot));
    }

    [Fact]
    public void Without_any_Kamailio_none_is_given_up()
    {
        _node.Detach();

        _time.Advance(TimeSpan.FromHours(1));

        Assert.Empty(_node.Links.Boots.Expire());
    }

    [Fact]
    public async Task What_was_saved_while_nobody_was_attached_goes_through_who_comes_first_and_only_once()
    {
        _node.Detach();
        await _node.SendAsync(ScriptedLink.GroupInvite());
        await _node.Router.WhenIdle().WaitAsync(Cancel);
        Assert.All((await _store.SingleAsync()).Pending.Where(each => each.Effect is SendRequest), each => Assert.Null(each.Effect.Via));

        _node.Attach(FirstBoot);
        await _node.Attached;
        var invite = await _node.NextAsync(SipAction.ActionOneofCase.Originate);
        var second = Attach("second", SecondBoot);
        await _node.Router.OnAttached([]);

        Assert.All(
            (await _store.SingleAsync()).Pending.Where(each => each.Effect is SendRequest), each => Assert.Equal(FirstBoot, each.Effect.Via));
        Assert.NotNull(invite.Originate);
        Assert.DoesNotContain(Taken(second), action => action.ActionCase == SipAction.ActionOneofCase.Originate);
    }

    private Link Attach(string instance, string boot)
    {
        var link = _node.Links.Attach(new() { Instance = instance, BootId = boot + "000000000000000000000000" }, 1024, out _);
        link.IsServing = true;
        foreach (var each in _node.Links.All)
            each.IsServing = true;
        return link;
    }

    private async Task RestartAsync(string instance)
    {
        _node.Links.Attach(new() { Instance = instance, BootId = ThirdBoot + instance }, 1024, out var ended);
        Assert.Single(ended);
        await _node.Router.OnAttached(ended);
    }

    // Through whichever it was; both are looked at.
    private async Task<(Originate[] Invites, Link Through)> InvitesAsync(Link second)
    {
        await _node.Router.WhenIdle().WaitAsync(Cancel);
        foreach (var link in _node.Links.All)
        {
            var invites = Taken(link).Select(action => action.Originate).OfType<Originate>().ToArray();
            if (invites.Length > 0)
                return (invites, link);
        }

        throw new InvalidOperationException($"Neither of two links got an INVITE, {second.Instance} neither");
    }

    private static async Task<SipAction> NextAsync(Link link, SipAction.ActionOneofCase kind)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            if (link.TryTake(out var action) && action.ActionCase == kind)
                return action;
            if (action is null)
                await link.WaitAsync(timeout.Token);
        }
    }

    private static List<SipAction> Taken(Link link)
    {
        var all = new List<SipAction>();
        while (link.TryTake(out var action))
            all.Add(action);
        return all;
    }
}
