using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Msrp;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;
using ImSidecar.Server.Participating;
using ImSidecar.Server.Xdm;

namespace ImSidecar.Server.Hosting;

/// <summary>Conferences, as their mailboxes see them.</summary>
internal sealed class ConferenceRules(
    ConferenceCounts counts, GroupSessions sessions, ConferenceDirectory directory, HiddenCallers hidden, Groups groups,
    Live<OperatorPolicy> policy, TimeProvider time)
    : IAggregateKind
{
    public AggregateKind Kind => AggregateKind.Conference;

    public async ValueTask<Facts> ReadFactsAsync(
        Aggregate? current, AggregateEvent happened, Facts facts, CancellationToken cancellation)
    {
        if (happened is RequestArrived { Request: SubscribeRequest })
            facts = facts with { SubscriptionsOfNode = counts.Subscriptions };
        return GroupOf((Conference?)current, happened) is { } group
            ? facts with { Group = await groups.OfAsync(group) }
            : facts;
    }

    public (Aggregate? Next, ImmutableArray<Effect> Effects) Apply(
        Aggregate? current, AggregateId id, AggregateEvent happened, Facts facts)
    {
        var decision = ConferenceMachine.Apply((Conference?)current, id, happened, facts);
        return (decision.Conference, decision.Effects);
    }

    public DateTimeOffset? NextDue(Aggregate current) => ConferenceMachine.NextDue((Conference)current);

    public AggregateChanges ChangesBetween(Aggregate? before, Aggregate? after) =>
        ConferenceChanges.Between((Conference?)before, (Conference?)after);

    public void OnHeld(Aggregate? before, Aggregate? after)
    {
        counts.Change((Conference?)before, (Conference?)after);
        sessions.Change((Conference?)before, (Conference?)after);
        hidden.Change((Conference?)before, (Conference?)after);
        directory.Change((Conference?)before, (Conference?)after, time);
    }

    // What else happens goes on by what was decided before.
    private SipUri? GroupOf(Conference? conference, AggregateEvent happened) => happened switch
    {
        GroupChanged => conference?.GroupIdentity,
        RequestArrived { Request: InviteRequest or SubscribeRequest or ReferRequest } arrived =>
            conference?.GroupIdentity ?? Named(arrived.Request),
        _ => null,
    };

    private SipUri? Named(ImRequest request) =>
        request.Uri.Host.Equals(policy.Value.GroupDomain, StringComparison.OrdinalIgnoreCase) ? request.Uri : null;
}
