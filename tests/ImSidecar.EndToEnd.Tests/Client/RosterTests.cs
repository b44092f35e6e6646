using ImSidecar.Client.Blocking;
using ImSidecar.Client.Sip;
using ImSidecar.Client.Subscriptions;
using ImSidecar.Protocol.ConferenceInfo;
using static ImSidecar.Client.Subscriptions.RosterChangeKind;

namespace ImSidecar.EndToEnd.Tests.Client;

/// <summary>IM 6.1.2.12: what a person is told of who comes and goes.</summary>
public class RosterTests
{
    private static readonly SipMessage _notify = SipMessage.Request("NOTIFY", "sip:bob@192.0.2.1");

    [Fact, Trait("Spec", "IM 6.1.2.12/notify-2")]
    public void The_first_document_tells_who_is_there()
    {
        var told = Told(former: null, User("alice", "connected"), User("carol", "alerting"));

        Assert.Equal([(Present, "sip:alice@example.com"), (Present, "sip:carol@example.com")], Kinds(told));
        Assert.Equal([true, false], told.Lines.Select(line => line.IsIn));
    }

    [Fact, Trait("Spec", "IM 6.1.2.12/notify-2")]
    public void Who_is_called_and_who_has_joined_are_two_changes()
    {
        var called = Told([User("alice", "connected")], User("alice", "connected"), User("carol", "dialing-out"));
        var rings = Told(called.Roster, User("alice", "connected"), User("carol", "alerting"));
        var joined = Told(rings.Roster, User("alice", "connected"), User("carol", "connected"));

        Assert.Equal([(Alerting, "sip:carol@example.com")], Kinds(called));
        Assert.Equal([(Alerting, "sip:carol@example.com")], Kinds(rings));
        Assert.Equal([(Joined, "sip:carol@example.com")], Kinds(joined));
        Assert.Equal([true, false, false], Changes(called).Concat(Changes(rings)).Concat(Changes(joined))
            .Select(change => change.IsNew));
    }

    [Fact, Trait("Spec", "IM 6.1.2.12/notify-2")]
    public void Who_left_is_told_with_how_and_who_only_passed_by_too()
    {
        var gone = User("carol", "disconnected") with
        {
            Endpoints = [new("sip:carol@192.0.2.3", EndpointStatus.Disconnected)
                { DisconnectionMethod = DisconnectionMethod.Booted }],
        };
        var told = Told([User("alice", "connected"), User("carol", "connected")], User("alice", "connected")) with
        {
            Document = Document(gone),
            PassedBy = [User("dave", "disconnected")],
        };

        Assert.Equal([(Left, "sip:carol@example.com"), (PassedBy, "sip:dave@example.com")], Kinds(told));
        Assert.Equal(DisconnectionMethod.Booted, Changes(told)[0].How);
    }

    [Fact, Trait("Spec", "IM 6.1.2.12/notify-2")]
    public void A_new_name_is_a_change()
    {
        var told = Told(
            [User("alice", "connected") with { DisplayText = "Alice" }],
            User("alice", "connected") with { DisplayText = "Snowcat" });

        var change = Assert.Single(Changes(told));

        Assert.Equal((Renamed, "Alice", "Snowcat"), (change.Kind, change.FormerName, change.Line.Name));
    }

    [Fact, Trait("Spec", "IM 6.1.2.12/notify-3")]
    public void Who_is_blocked_is_marked_when_he_is_there_and_when_he_joins()
    {
        var blocked = BlockList.Of("sip:carol@EXAMPLE.com", "sip:dave@example.com");
        var there = Told(null, User("alice", "connected"), User("carol", "connected")) with { Blocked = blocked };
        var joins = Told(there.Roster, [.. there.Roster, User("dave", "connected")]) with { Blocked = blocked };

        Assert.Equal([false, true], Changes(there).Select(change => change.Line.IsBlocked));
        var joined = Assert.Single(Changes(joins));
        Assert.Equal((true, true, "sip:dave@example.com"), (joined.IsNew, joined.Line.IsBlocked, joined.Line.Entity));
        Assert.Equal([false, true, true], joins.Lines.Select(line => line.IsBlocked));
    }

    [Fact]
    public void A_document_that_was_not_taken_changes_nothing()
    {
        var told = Told([User("alice", "connected")]) with { Outcome = ViewOutcome.Gap };

        Assert.Empty(told.Changes);
    }

    [Fact]
    public void Who_is_in_with_one_of_his_phones_is_in()
    {
        var user = new ConferenceUser("sip:alice@example.com",
            [new("sip:a@192.0.2.1", EndpointStatus.Alerting), new("sip:a@192.0.2.2", EndpointStatus.Connected)]);

        Assert.Equal(EndpointStatus.Connected, Assert.Single(Told(null, user).Lines).Status);
    }

    private static Notification Told(IReadOnlyList<ConferenceUser>? former, params ConferenceUser[] roster) =>
        new(_notify) { Outcome = ViewOutcome.Applied, Document = Document(), Former = former, Roster = roster };

    private static ConferenceInfo Document(params ConferenceUser[] users) => new()
    {
        Entity = "sip:opaque@im.example.com",
        State = ElementState.Partial,
        Users = new(ElementState.Partial, [.. users]),
    };

    private static ConferenceUser User(string name, string status) => new($"sip:{name}@example.com",
        [new($"sip:{name}@192.0.2.1", Enum.Parse<EndpointStatus>(status.Replace("-", ""), ignoreCase: true))]);

    private static List<RosterChange> Changes(Notification told) => [.. told.Changes];

    private static IEnumerable<(RosterChangeKind, string)> Kinds(Notification told) =>
        told.Changes.Select(change => (change.Kind, change.Line.Entity));
}
