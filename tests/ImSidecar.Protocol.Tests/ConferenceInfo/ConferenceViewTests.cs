namespace ImSidecar.Protocol.Tests.ConferenceInfo;

using ImSidecar.Protocol.ConferenceInfo;

/// <summary>RFC 4575 4.6 and 5: how a subscriber merges what it gets.</summary>
public class ConferenceViewTests
{
    [Fact]
    public void The_example_documents_merge_to_the_roster_they_tell()
    {
        var view = new ConferenceView();

        Assert.Equal(ViewOutcome.Applied, view.Apply(Vector("full")));
        Assert.Equal(3, view.Roster.Count());
        Assert.Equal(ViewOutcome.Applied, view.Apply(Vector("partial")));

        Assert.Equal(
            ["sip:anonymous1@anonymous.invalid", "sip:carol@example.net"], view.Roster.Select(user => user.Entity));
        Assert.Equal(EndpointStatus.Disconnected, view.Users["sip:alice@example.com"].Endpoints[0].Status);
        Assert.Equal(EndpointStatus.Connected, view.Users["sip:carol@example.net"].Endpoints[0].Status);
        Assert.Equal("Where to ski this weekend", view.Description?.Subject);
        Assert.Equal((2u, 1u), (view.State!.UserCount!.Value, view.Version!.Value));

        Assert.Equal(ViewOutcome.Ended, view.Apply(Vector("deleted")));
        Assert.True(view.HasEnded);
        Assert.Empty(view.Roster);
        Assert.Equal(ViewOutcome.Ended, view.Apply(Vector("full")));
    }

    [Fact]
    public void Versions_decide_what_is_merged()
    {
        var view = new ConferenceView();

        Assert.Equal(ViewOutcome.Gap, view.Apply(Partial(1)));
        Assert.Null(view.Version);
        view.Apply(Full(5, User("a")));

        Assert.Equal(ViewOutcome.Outdated, view.Apply(Partial(5, User("late"))));
        Assert.Equal(ViewOutcome.Outdated, view.Apply(Partial(0, User("late"))));
        Assert.Equal(ViewOutcome.Gap, view.Apply(Partial(7, User("early"))));
        Assert.Equal((1, 5u), (view.Users.Count, view.Version!.Value));

        Assert.Equal(ViewOutcome.Applied, view.Apply(Partial(6, User("b"))));
        Assert.Equal(ViewOutcome.Applied, view.Apply(Full(20, User("c"))));
        Assert.Equal(["c"], view.Users.Keys);
        Assert.Equal(20u, view.Version);
    }

    [Fact]
    public void The_state_of_the_list_decides_whether_it_replaces()
    {
        var view = new ConferenceView();
        view.Apply(Full(0, User("a"), User("b")));

        view.Apply(Partial(1) with { Users = new(ElementState.Full, [User("c")]) });
        Assert.Equal(["c"], view.Users.Keys);

        view.Apply(Partial(2));
        Assert.Equal(["c"], view.Users.Keys);

        view.Apply(Partial(3) with { Users = new(ElementState.Deleted, []) });
        Assert.Empty(view.Users);
    }

    [Fact]
    public void The_state_of_a_user_decides_how_it_is_merged()
    {
        var view = new ConferenceView();
        view.Apply(Full(0, User("a", "Ali", Endpoint("1"), Endpoint("2")), User("b")));

        view.Apply(Partial(1,
            User("a", null, Endpoint("2", EndpointStatus.OnHold), Endpoint("3")) with { State = ElementState.Partial },
            User("b") with { State = ElementState.Deleted }));
        Assert.Equal("a \"Ali\" 1 connected, 2 on-hold, 3 connected", view.ToString());

        view.Apply(Partial(2, User("a", "Al", Endpoint("4"))));
        Assert.Equal("a \"Al\" 4 connected", view.ToString());
    }

    [Fact]
    public void The_state_of_an_endpoint_decides_how_it_is_merged()
    {
        var view = new ConferenceView();
        var dialedIn = Endpoint("2") with { JoiningMethod = JoiningMethod.DialedIn };
        view.Apply(Full(0, User("a", null, Endpoint("1"), dialedIn)));

        var changes = User(
            "a", null,
            Endpoint("1") with { State = ElementState.Deleted },
            new ConferenceEndpoint("2", EndpointStatus.OnHold) { State = ElementState.Partial },
            new ConferenceEndpoint("3") { State = ElementState.Partial });
        view.Apply(Partial(1, changes with { State = ElementState.Partial }));

        Assert.Equal("a \"\" 2 on-hold, 3 ?", view.ToString());
        Assert.Equal(JoiningMethod.DialedIn, view.Roster.Single().Endpoints[0].JoiningMethod);
    }

    [Fact]
    public void Two_views_are_equal_when_they_show_the_same_people()
    {
        var whole = new ConferenceView();
        whole.Apply(Full(9, User("b"), User("a", "Ali", Endpoint("2"), Endpoint("1"))));
        var merged = new ConferenceView();
        merged.Apply(Full(0, User("a", "Ali", Endpoint("1"), Endpoint("2")), User("gone")));
        Assert.False(whole.HasSameRoster(merged));

        merged.Apply(Partial(1, User("b"), User("gone", null, Endpoint("e", EndpointStatus.Disconnected))));
        Assert.True(whole.HasSameRoster(merged));

        merged.Apply(Partial(2, User("b", "Bob")));
        Assert.False(whole.HasSameRoster(merged));
    }

    [Fact]
    public void Users_are_equal_when_their_endpoints_are()
    {
        Assert.Equal(User("a"), User("a"));
        Assert.Equal(User("a").GetHashCode(), User("a").GetHashCode());
        Assert.NotEqual(User("a"), User("a", null, Endpoint("e", EndpointStatus.Alerting)));
    }

    private static ConferenceInfo Vector(string name)
    {
        Assert.True(ConferenceInfoXml.TryParse(Vectors.Read($"conference-info/{name}.xml"), out var info));
        return info;
    }

    private static ConferenceInfo Full(uint version, params ConferenceUser[] users) => new()
    {
        Entity = "sip:c@example.com",
        State = ElementState.Full,
        Version = version,
        Users = new(ElementState.Full, [.. users]),
    };

    private static ConferenceInfo Partial(uint version, params ConferenceUser[] users) => new()
    {
        Entity = "sip:c@example.com",
        State = ElementState.Partial,
        Version = version,
        Users = users.Length == 0 ? null : new(ElementState.Partial, [.. users]),
    };

    private static ConferenceUser User(string entity) => User(entity, null, Endpoint("e"));

    private static ConferenceUser User(string entity, string? displayText, params ConferenceEndpoint[] endpoints) =>
        new(entity, [.. endpoints]) { DisplayText = displayText };

    private static ConferenceEndpoint Endpoint(string entity, EndpointStatus status = EndpointStatus.Connected) =>
        new(entity, status);
}
