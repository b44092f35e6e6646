using ImSidecar.Core.Conferences;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Tests;

/// <summary>What happens to pre-defined groups, and REFER.</summary>
internal sealed partial class RandomHistory
{
    // Who is in already, or rings, too. The id of a group whose session is forgotten counts from 1 again.
    private void Join()
    {
        if (!IsGroup || Conference is null)
            return;

        var user = Pick(users);
        var request = InviteGroup(user).WithHead(head => head with
        {
            Transaction = $"t-{++count}",
            CallId = $"join-{count}",
            LocalTag = $"join-{count}",
            Contact = Address($"<sip:{user.User}@192.0.2.{count % 250}:5060>"),
        });
        Scene.Arrives(request);
    }

    // By the identity of the session: who was there, who was not, who is in it.
    private void Rejoin()
    {
        if (Conference is null)
            return;

        var user = Pick(users);
        var request = Given.Rejoin(user, Conference.SessionIdentity).WithHead(head => head with
        {
            Transaction = $"t-{++count}",
            CallId = $"rejoin-{count}",
            LocalTag = $"rejoin-{count}",
            Contact = Address($"<sip:{user.User}@192.0.2.{count % 250}:5060>"),
        });
        Scene.Arrives(random.Next(6) == 0 ? request.With("Privacy", "id") : request);
    }

    private void ChangeGroup()
    {
        if (!IsGroup)
            return;

        Scene.Facts = Scene.Facts with
        {
            Group = random.Next(10) switch
            {
                0 => GroupFacts.None,
                1 => GroupFacts.Unusable("Group document is not available"),
                _ => Known(GroupOf([alice, .. users[1..].Where(_ => random.Next(5) > 0)])),
            },
        };
        Scene.Happens(new GroupChanged());
    }

    private void ReferInside()
    {
        if (Participants(each => each.IsAttending) is [_, ..] all)
            Refer(Request(Pick(all), "REFER"));
    }

    private void ReferOutside()
    {
        if (Participants(each => each.IsAttending) is [_, ..] all && Pick(all).Address is var user)
            Refer(Head("REFER", user, Conference!.SessionIdentity) with
            {
                Transaction = $"t-{++count}",
                CallId = $"refer-{count}",
                LocalTag = $"refer-{count}",
                Contact = ContactOf(user),
            });
    }

    private void Refer(RequestHead head)
    {
        var method = Pick(["INVITE", "INVITE", "BYE"]);
        ReferTarget[] targets = [.. Enumerable.Range(0, random.Next(1, 4))
            .Select(_ => Pick(users)).Distinct().Select(user => new ReferTarget(user, null, method))];
        lastRefer = new(head)
        {
            Targets = [.. targets],
            IsList = targets.Length > 1,
            ReferSub = Pick<bool?>([null, null, true, false]),
        };
        Scene.Arrives(lastRefer);
    }

    // By another path, or when its transaction is over.
    private void ReferAgain()
    {
        if (lastRefer is not null
            && Conference?.Referrals.Values.Any(each => each.Subscription.Dialog == lastRefer.Dialog) == true)
            Scene.Arrives(lastRefer.WithHead(head => head with { Transaction = $"t-{++count}" }));
    }

    private void HearProgress()
    {
        if (unanswered.Where(each => each.Key.Method == "NOTIFY").ToList() is not [_, ..] told)
            return;

        var notify = Pick(told);
        unanswered.Remove(notify);
        var code = random.Next(10) == 0 ? 481 : 200;
        Scene.Happens(new ResponseArrived(notify.Key, new(new(code, "Reason"), SipHeaders.Empty, default)));
    }

    private GroupXml GroupOf(SipUri[] members) => new(skiers.Text, [.. members.Select(each => each.Text)])
    {
        InvitesMembers = invitesMembers,
        SessionActive = Pick(
        [
            null, null, "<oxe:max-duration>300</oxe:max-duration>",
            "<oxe:min-participant-count>2</oxe:min-participant-count>",
        ]),
        Rules = GroupXml.OfMembers.Replace(
            "</cr:actions>",
            "<allow-invite-users-dynamically>true</allow-invite-users-dynamically>"
            + "<is-key-participant>true</is-key-participant>"
            + "<oxe:allow-expelling>true</oxe:allow-expelling></cr:actions>",
            StringComparison.Ordinal),
    };
}
