using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;
using ImSidecar.Server.Gateway.V1;
using ImSidecar.Server.Hosting;
using ImSidecar.Server.Tests.Stores;
using Kind = ImSidecar.Server.Gateway.V1.SipAction.ActionOneofCase;

namespace ImSidecar.Server.Tests.Hosting;

/// <summary>A session that invites a thousand does so at a pace; nobody is forgotten or rings for nothing.</summary>
public class InvitationPaceTests
{
    private static readonly DateTimeOffset _start = new(2026, 11, 20, 9, 30, 0, TimeSpan.Zero);

    private static readonly OutgoingRequest _request =
        Sample.Effects.OfType<SendRequest>().Select(each => each.Request).First();

    [Fact]
    public void A_quarter_of_a_second_goes_at_once_and_the_others_in_their_order()
    {
        var pace = new InvitationPace(400);

        var held = Invites(250).Where(each => pace.Holds(each, _start)).ToList();
        var none = pace.Due(_start.AddMilliseconds(1)).ToList();
        var some = pace.Due(_start.AddMilliseconds(51)).ToList();
        var most = pace.Due(_start.AddHours(1)).ToList();
        var last = pace.Due(_start.AddHours(2)).ToList();

        Assert.Equal((150, 0, 20), (held.Count, none.Count, some.Count));
        Assert.Equal((100, 30), (most.Count, last.Count));
        Assert.Equal(held, [.. some, .. most, .. last]);
        Assert.Null(pace.NextAt);
    }

    [Fact]
    public void No_other_request_waits()
    {
        var pace = new InvitationPace(4);
        _ = Invites(5).Count(each => pace.Holds(each, _start));

        Assert.False(pace.Holds(Invite(9, "BYE", 2), _start));
        Assert.False(pace.Holds(Invite(9, "INVITE", 2), _start));
        Assert.True(pace.Holds(Invite(9, "INVITE", 1), _start));
    }

    [Fact]
    public void It_may_be_off_and_is_never_so_slow_that_nobody_can_answer()
    {
        var off = InvitationPace.Of(Policy(0, TimeSpan.FromSeconds(60)));
        var hasty = InvitationPace.Of(Policy(10, TimeSpan.FromSeconds(2)));

        Assert.DoesNotContain(Invites(1000), each => off.Holds(each, _start));
        Assert.Equal(750, Invites(1000).Count(each => hasty.Holds(each, _start)));
    }

    [Fact]
    public async Task All_are_invited_in_the_end()
    {
        var (node, time, invites) = await StartAsync(300);
        using (node)
        {
            Assert.Equal(100, invites.Count);
            while (invites.Count < 300)
            {
                time.Advance(TimeSpan.FromMilliseconds(500));
                await node.Router.DrainAsync(CancellationToken.None);
                invites.AddRange(node.Take(Kind.Originate).Select(action => action.Originate));
            }

            Assert.Equal(300, invites.Select(each => each.ActionKey).Distinct().Count());
        }
    }

    [Fact]
    public async Task Who_was_not_invited_yet_is_not_when_the_inviter_gives_up()
    {
        var (node, _, invites) = await StartAsync(300);
        using (node)
        {
            await node.SendAsync(new SipEvent { Cancelled = new() { Transaction = "t1" } });
            await node.Router.DrainAsync(CancellationToken.None);

            var cancelled = node.Take(Kind.Cancel).Select(action => action.Cancel.InviteKey).ToList();
            Assert.Equal(invites.Select(each => each.ActionKey).Order(), cancelled.Order());
            foreach (var invite in invites)
                await node.SendAsync(ScriptedLink.Answers(invite, 487));
            await node.Router.DrainAsync(CancellationToken.None);
            Assert.Equal(0, node.Counts.Participants);
        }
    }

    [Fact]
    public async Task Whose_phone_may_ring_is_told_that_it_was_nothing_also_when_the_link_came_back()
    {
        var (node, _, invites) = await StartAsync(300);
        using (node)
        {
            node.Attach("boot-1");
            await node.Router.DrainAsync(CancellationToken.None);
            await node.SendAsync(new SipEvent { Cancelled = new() { Transaction = "t1" } });
            await node.Router.DrainAsync(CancellationToken.None);

            // All that ring are among them; an INVITE once more is none for the link.
            var cancelled = node.Take(Kind.Cancel).Select(action => action.Cancel.InviteKey).ToHashSet();
            Assert.Superset(invites.Select(each => each.ActionKey).ToHashSet(), cancelled);
            Assert.InRange(cancelled.Count, 100, 200);
        }
    }

    [Fact]
    public async Task Who_was_not_invited_yet_does_not_wait_behind_the_others_when_the_link_came_back()
    {
        var (node, time, invites) = await StartAsync(300);
        using (node)
        {
            node.Attach("boot-1");
            await node.Router.DrainAsync(CancellationToken.None);
            Assert.Empty(node.Take(Kind.Originate));

            // What goes when the time has come must not go to the link before.
            time.Advance(TimeSpan.FromSeconds(1));
            await node.Router.DrainAsync(CancellationToken.None);

            var next = node.Take(Kind.Originate).Select(action => action.Originate.ActionKey).ToHashSet();
            Assert.Equal(100, next.Count);
            Assert.Empty(next.Intersect(invites.Select(each => each.ActionKey)));
        }
    }

    private static async Task<(ScriptedLink Node, ManualTime Time, List<Originate> Invites)> StartAsync(int invitees)
    {
        var time = new ManualTime();
        var node = new ScriptedLink(
            new InMemoryConferenceStore(), policy => policy with { MaxAdHocParticipants = 1000 }, time);
        await node.SendAsync(ScriptedLink.LargeInvite(invitees));
        await node.Router.DrainAsync(CancellationToken.None);
        return (node, time, [.. node.Take(Kind.Originate).Select(action => action.Originate)]);
    }

    private static OperatorPolicy Policy(int perSecond, TimeSpan noAnswer) => new()
    {
        ConferenceFactory = SipUri.Of("sip", "conf-factory", "im.example.com"),
        ReleaseVersion = "IM-serv/OMA1.0",
        MsrpHost = "127.0.0.1",
        MsrpPort = 2855,
        InvitationsPerSecond = perSecond,
        NoAnswer = noAnswer,
    };

    private static IEnumerable<PendingEffect> Invites(int count) =>
        Enumerable.Range(1, count).Select(number => Invite(number, "INVITE", 1));

    private static PendingEffect Invite(int number, string method, long cseq) => new(
        number, new SendRequest(new(new("room"), "p" + number, method, cseq), _request));
}
