using ImSidecar.Server.Gateway;
using ImSidecar.Server.Gateway.V1;
using ImSidecar.Server.Tests.Gateway;
using ImSidecar.Server.Tests.Stores;
using Kind = ImSidecar.Server.Gateway.V1.SipAction.ActionOneofCase;

namespace ImSidecar.Server.Tests.Hosting;

/// <summary>
/// A request that no link takes would end its stream, and the next one again: it fails here, as if the link had said so.
/// </summary>
public class TooLargeTests
{
    private const int Invitees = 900;

    [Fact]
    public async Task A_roster_that_no_link_takes_ends_the_subscription_with_a_word()
    {
        var store = new InMemoryConferenceStore();
        using var node = new ScriptedLink(store, policy => policy with { MaxAdHocParticipants = 1000 });
        await node.SendAsync(ScriptedLink.LargeInvite(Invitees));

        // As XML each of these is five times as long.
        var invites = new List<Originate>();
        var contact = ";x=" + new string('&', 1950);
        while (invites.Count < Invitees)
            invites.Add((await node.NextAsync(Kind.Originate)).Originate);
        foreach (var invite in invites)
        {
            await node.SendAsync(ScriptedLink.Accepts(invite, "tag-" + invite.CallId[..8], contact));
            await node.NextAsync(action => action.Ack?.InviteKey == invite.ActionKey);
        }

        var subscribe = SipEventReaderTests.Wire("SUBSCRIBE", ("Event", "conference"), ("Expires", "600"));
        subscribe.Uri = (await store.SingleAsync()).Conference.SessionIdentity.Text;
        await node.SendAsync(new SipEvent { Request = subscribe });

        var notify = await node.NextAsync(action => action.Originate?.Method == "NOTIFY");
        Assert.InRange(ActionSize.Of(notify), 1, Link.MaxActionBytes);
        Assert.True(notify.Originate.Body.IsEmpty);
        Assert.Contains(notify.Originate.Headers, header => header.Name == "Subscription-State"
            && header.Value.ToStringUtf8() == "terminated;reason=probation;retry-after=3600");
        await node.SendAsync(ScriptedLink.Answers(notify.Originate, 200));
        await node.Router.DrainAsync(CancellationToken.None);
        Assert.Empty((await store.SingleAsync()).Conference.Subscriptions.Values);
    }

    [Fact]
    public async Task What_is_held_is_counted()
    {
        using var node = new ScriptedLink(new InMemoryConferenceStore());
        await node.SendAsync(ScriptedLink.GroupInvite());
        var invite = (await node.NextAsync(Kind.Originate)).Originate;
        await node.Router.DrainAsync(CancellationToken.None);
        Assert.Equal((1, 3, 0), (node.Counts.Conferences, node.Counts.Participants, node.Counts.Subscriptions));

        await node.SendAsync(ScriptedLink.Answers(invite, 486));
        await node.Router.DrainAsync(CancellationToken.None);

        Assert.Equal(2, node.Counts.Participants);
    }
}
