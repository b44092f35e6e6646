using ImSidecar.Core.Policies;
using ImSidecar.Core.Rules;
using static ImSidecar.Core.Tests.Rules.Documents;

namespace ImSidecar.Core.Tests.Policies;

/// <summary>The rules of a group document, Shared Group XDM and RFC 4745 10.</summary>
public class GroupRulesTests
{
    private const string Join = "<join-handling>true</join-handling>";
    private const string DoNotJoin = "<join-handling>false</join-handling>";
    private const string Bob = "<cr:identity><cr:one id='sip:bob@example.com'/></cr:identity>";

    public static TheoryData<GroupAction> Actions => [.. Enum.GetValues<GroupAction>()];

    [Theory]
    [InlineData("sip:alice@example.com", "JIcdAKE")]
    [InlineData("sip:bob@example.com", "JIc")]
    [InlineData("sips:bob@EXAMPLE.com:5061;transport=tls", "JIc")]
    [InlineData("sip:erin@partner.example", "J")]
    [InlineData("sip:mallory@partner.example", "")]
    [InlineData("sip:somebody@example.com", "")]
    [InlineData("sip:skier@example.org", "JIc")]
    [InlineData(null, "")]
    public void The_example_grants_what_its_text_says(string? user, string expected)
    {
        var group = Resolve(Example, new()
        {
            [IndexOf("sip:alice@example.com")] = Lists("<list name='ski'><entry uri='sip:skier@example.org'/></list>"),
        });
        (char Letter, GroupAction Action)[] actions =
        [
            ('J', GroupAction.JoinHandling), ('I', GroupAction.AllowInitiateConference),
            ('c', GroupAction.AllowConferenceState), ('d', GroupAction.AllowInviteUsersDynamically),
            ('A', GroupAction.AllowAnonymity), ('K', GroupAction.IsKeyParticipant), ('E', GroupAction.AllowExpelling),
        ];

        foreach (var precedence in Enum.GetValues<Precedence>())
            Assert.Equal(expected, string.Concat(actions
                .Where(each => GroupRules.Decide(group, each.Action, Who(user), Now, precedence).Allowed)
                .Select(each => each.Letter)));
    }

    [Theory]
    [InlineData("", "sip:x@y", true)]
    [InlineData("", null, true)]
    [InlineData(Bob, "sip:bob@example.com", true)]
    [InlineData(Bob, "sip:Bob@example.com", false)]
    [InlineData(Bob, null, false)]
    [InlineData("<cr:identity><cr:one id='tel:+1-5'/></cr:identity>", "sip:+15@x;user=phone", true)]
    [InlineData("<cr:identity><cr:one id='pres:a@b'/></cr:identity>", "sip:a@b", false)]
    [InlineData("<cr:identity/>", "sip:a@b", false)]
    [InlineData("<cr:identity><cr:many/></cr:identity>", "tel:+1", true)]
    [InlineData("<cr:identity><cr:many/></cr:identity>", null, false)]
    [InlineData("<cr:identity><cr:many domain='B.example.'/></cr:identity>", "sip:a@b.EXAMPLE", true)]
    [InlineData("<cr:identity><cr:many domain='example'/></cr:identity>", "sip:a@b.example", false)]
    [InlineData("<cr:identity><cr:many domain=''/></cr:identity>", "tel:+1", false)]
    [InlineData("<cr:identity><cr:many><cr:except domain='b'/></cr:many></cr:identity>", "sip:a@B", false)]
    [InlineData("<cr:identity><cr:many><cr:except domain='b'/></cr:many></cr:identity>", "sip:a@c", true)]
    [InlineData(
        "<cr:identity><cr:many domain='b'><cr:except id='sip:a@b'/></cr:many></cr:identity>", "sips:a@b", false)]
    [InlineData(
        "<cr:identity><cr:many><cr:except id='sip:a@b'/></cr:many><cr:one id='sip:a@b'/></cr:identity>",
        "sip:a@b", true)]
    [InlineData("<is-list-member/>", "sip:bob@example.com", true)]
    [InlineData("<is-list-member/>", "sip:x@y", false)]
    [InlineData("<is-list-member/>", null, false)]
    [InlineData("<ocp:external-list><ocp:entry anc='#'/></ocp:external-list>", "sip:listed@example.com", true)]
    [InlineData("<ocp:external-list><ocp:entry anc='#'/></ocp:external-list>", "sip:bob@example.com", false)]
    [InlineData("<ocp:external-list/>", "sip:bob@example.com", false)]
    [InlineData("<ocp:other-identity/>", "sip:x@y", true)]
    [InlineData("<ocp:other-identity/>", null, false)]
    [InlineData("<ocp:anonymous-request/>", null, true)]
    [InlineData("<ocp:anonymous-request/>", "sip:x@y", false)]
    [InlineData("<cr:sphere value='home'/>", "sip:x@y", false)]
    [InlineData(
        "<cr:validity><cr:from>2026-11-20T09:30:00Z</cr:from><cr:until>2026-11-20T09:30:01Z</cr:until></cr:validity>",
        "sip:x@y", true)]
    [InlineData(
        "<cr:validity><cr:from>2026-11-20T08:30:00Z</cr:from><cr:until>2026-11-20T09:30:00Z</cr:until></cr:validity>",
        "sip:x@y", false)]
    [InlineData(
        "<cr:validity><cr:from>2026-11-20T09:30:01Z</cr:from><cr:until>2026-11-21T09:30:00Z</cr:until></cr:validity>",
        "sip:x@y", false)]
    [InlineData("<oxe:media-list><oxe:message-session/></oxe:media-list>", "sip:x@y", true)]
    [InlineData("<oxe:media-list><oxe:video/></oxe:media-list>", "sip:x@y", false)]
    [InlineData("<oxe:service-list><oxe:service enabler='im'/></oxe:service-list>", "sip:x@y", true)]
    [InlineData("<oxe:service-list><oxe:service enabler='PoC'/></oxe:service-list>", "sip:x@y", false)]
    [InlineData("<x21:location-list/>", "sip:x@y", false)]
    [InlineData("<is-list-member/><x21:location-list/>", "sip:bob@example.com", false)]
    [InlineData("<is-list-member/><cr:identity><cr:one id='sip:x@y'/></cr:identity>", "sip:bob@example.com", false)]
    [InlineData("<cr:identity><cr:many/></cr:identity><ocp:anonymous-request/>", "sip:x@y", false)]
    public void A_rule_matches_when_all_its_conditions_hold(string conditions, string? user, bool matches)
    {
        var anchor = Anchor + "@name=%22l%22%5d";
        var group = Resolve(
            GroupWith(Rule("r", conditions.Replace("#", anchor, StringComparison.Ordinal), Join)),
            new()
            {
                [IndexOf("sip:alice@example.com")] = Lists(
                    "<list name='l'><entry uri='sip:listed@example.com'/></list>"),
            });
        var session = Now with { Media = ["message-session"] };

        Assert.Equal(matches, GroupRules.Decide(group, GroupAction.JoinHandling, Who(user), session).Allowed);
        Assert.Equal(
            matches,
            GroupRules.Decide(group, GroupAction.JoinHandling, Who(user), session, Precedence.Rfc4745).Allowed);
    }

    [Theory, MemberData(nameof(Actions))]
    public void Each_action_is_decided_by_its_own_element(GroupAction action)
    {
        var name = ImSidecar.Protocol.Xdm.RuleActions.NameOf((ImSidecar.Protocol.Xdm.RuleAction)action);
        var prefix = action is GroupAction.AllowExpelling or GroupAction.AllowSubConf
            or GroupAction.AllowPrivateMessage or GroupAction.AllowMediaHandling
            or GroupAction.BlockGroupAdvertisementSending ? "oxe:" : "";
        var yes = Resolve(GroupWith(Rule("r", "", $"<{prefix}{name}>true</{prefix}{name}>")));
        var no = Resolve(GroupWith(Rule("r", "", $"<{prefix}{name}>false</{prefix}{name}>")));
        var strict = Now with { PrivateMessagesByDefault = false };

        foreach (var each in Enum.GetValues<GroupAction>())
        {
            Assert.Equal(each == action, GroupRules.Decide(yes, each, new(bob), strict).Allowed);
            Assert.False(GroupRules.Decide(no, each, new(bob), strict).Allowed);
        }

        Assert.Equal(
            $"{name} is false: rule \"r\" (no conditions)", GroupRules.Decide(no, action, new(bob), Now).Explanation);
    }

    [Fact]
    public void What_no_rule_speaks_of_is_denied_but_private_messages_by_configuration()
    {
        var group = Resolve(GroupWith(""));

        foreach (var action in Enum.GetValues<GroupAction>())
        {
            Assert.Equal(
                action == GroupAction.AllowPrivateMessage, GroupRules.Decide(group, action, new(bob), Now).Allowed);
            Assert.False(
                GroupRules.Decide(group, action, new(bob), Now with { PrivateMessagesByDefault = false }).Allowed);
        }
    }

    [Fact]
    public void One_yes_among_rules_that_count_is_enough() =>
        Assert.True(Joins(
            Rule("no", "", DoNotJoin) + Rule("yes", "<is-list-member/>", Join) + Rule("r", "", DoNotJoin)));

    [Theory]
    [InlineData(Precedence.Oma, false)]
    [InlineData(Precedence.Rfc4745, true)]
    public void A_rule_for_the_identity_comes_before_rules_with_lists(Precedence precedence, bool joins) =>
        Assert.Equal(
            joins, Joins(Rule("members", "<is-list-member/>", Join) + Rule("bob", Bob, DoNotJoin), precedence));

    [Theory, InlineData(Precedence.Oma), InlineData(Precedence.Rfc4745)]
    public void A_rule_without_a_condition_on_who_it_is_always_counts(Precedence precedence)
    {
        var always = Rule("always", "<oxe:service-list><oxe:service enabler='IM'/></oxe:service-list>", Join);

        Assert.True(Joins(always + Rule("bob", Bob, DoNotJoin), precedence));
        Assert.True(Joins(always + Rule("members", "<is-list-member/>", DoNotJoin), precedence));
        Assert.True(Joins(always + Rule("other", "<ocp:other-identity/>", DoNotJoin), precedence, "sip:x@y"));
        Assert.True(Joins(always + Rule("anonymous", "<ocp:anonymous-request/>", DoNotJoin), precedence, null));
    }

    [Theory, InlineData(Precedence.Oma), InlineData(Precedence.Rfc4745)]
    public void Other_identity_is_for_those_whom_no_rule_matches_by_who_they_are(Precedence precedence)
    {
        var other = Rule("other", "<ocp:other-identity/>", Join);

        Assert.False(Joins(other + Rule("bob", Bob, ""), precedence));
        Assert.False(Joins(Rule("members", "<is-list-member/>", "") + other, precedence));
        Assert.True(Joins(other + Rule("bob", Bob, ""), precedence, "sip:x@y"));
        Assert.True(Joins(Rule("all", "", "") + other, precedence));
        Assert.True(Joins(Rule("bob", Bob + "<cr:sphere value='x'/>", "") + other, precedence));
    }

    [Theory, InlineData(Precedence.Oma), InlineData(Precedence.Rfc4745)]
    public void To_an_anonymous_requester_only_rules_for_such_or_for_all_apply(Precedence precedence)
    {
        var named = Rule("bob", Bob, Join) + Rule("members", "<is-list-member/>", Join)
            + Rule("other", "<ocp:other-identity/>", Join);
        var hidden = new Requester([bob], isAnonymous: true);

        Assert.False(Joins(named, precedence, null));
        Assert.False(GroupRules.Decide(
            Resolve(GroupWith(named)), GroupAction.JoinHandling, hidden, Now, precedence).Allowed);
        Assert.True(Joins(named + Rule("anonymous", "<ocp:anonymous-request/>", Join), precedence, null));
    }

    [Fact]
    public void Any_identity_of_a_requester_may_match_and_an_exception_for_any_excludes()
    {
        var both = new Requester([Uri("tel:+15"), Uri("sip:bob@example.com")]);
        var except = "<cr:identity><cr:many domain='example.com'><cr:except id='tel:+1-5'/></cr:many></cr:identity>";

        Assert.True(Decide(Rule("bob", Bob, Join), both).Allowed);
        Assert.True(Decide(Rule("members", "<is-list-member/>", Join), both).Allowed);
        Assert.False(Decide(Rule("all but", except, Join), both).Allowed);
        Assert.True(Decide(Rule("all but", except, Join), new(bob)).Allowed);
    }

    [Fact]
    public void A_group_that_asks_for_what_is_not_supported_is_not_used()
    {
        var group = Resolve(GroupWith(
            Rule("all", "", Join), "<oxe:qoe oxe:must-understand='true'><oxe:government/></oxe:qoe>"));

        var verdict = GroupRules.Decide(group, GroupAction.JoinHandling, new(bob), Now);

        Assert.False(verdict.Allowed);
        Assert.Equal("group asks for what is not supported: qoe", verdict.Reason);
        Assert.Equal(verdict.Reason, verdict.Explanation);
    }

    [Theory]
    [InlineData("<oxe:service enabler='IM'/>", "message-session", true)]
    [InlineData("<oxe:service enabler='PoC'/>", "message-session", false)]
    [InlineData("<oxe:all-services-except><oxe:service enabler='PoC'/></oxe:all-services-except>", "", true)]
    [InlineData("<oxe:all-services-except><oxe:service enabler='IM'/></oxe:all-services-except>", "", false)]
    [InlineData(
        "<oxe:service enabler='IM'><oxe:group-media><oxe:pager-mode-message/></oxe:group-media></oxe:service>",
        "message-session", false)]
    [InlineData(
        "<oxe:service enabler='IM'><oxe:group-media><oxe:pager-mode-message/></oxe:group-media></oxe:service>",
        "", true)]
    public void A_group_is_for_the_services_that_it_supports(string services, string media, bool joins)
    {
        var group = Resolve(GroupWith(
            Rule("all", "", Join), $"<oxe:supported-services>{services}</oxe:supported-services>"));

        var verdict = GroupRules.Decide(
            group, GroupAction.JoinHandling, new(bob), Now with { Media = media.Length > 0 ? [media] : [] });

        Assert.Equal(joins, verdict.Allowed);
        Assert.Equal(joins, verdict.Reason.Length == 0);
    }

    [Theory]
    [InlineData("sip:bob@example.com", "join-handling is true: rule \"members\" (is-list-member)")]
    [InlineData(
        "sip:carol@example.net",
        "join-handling is false by default: rule \"carol\" (identity) does not say; rule \"friends\" (external-list),"
        + " which says true, gives way to a rule for the identity; problem: 'nowhere' does not refer"
        + " to a resource list")]
    [InlineData(
        "sip:dave@example.net",
        "join-handling is false: rule \"dave\" (identity, validity); rule \"friends\" (external-list), which says true,"
        + " gives way to a rule for the identity; problem: 'nowhere' does not refer to a resource list")]
    [InlineData(
        "sip:x@y",
        "join-handling is false by default: no rule matches sip:x@y; rule \"members\": is-list-member does not hold;"
        + " rule \"carol\": identity does not hold; rule \"dave\": identity does not hold; rule \"friends\":"
        + " external-list does not hold; rule \"late'\": location-list does not hold; problem: 'nowhere' does not refer"
        + " to a resource list")]
    [InlineData(
        null,
        "join-handling is false by default: no rule matches an anonymous requester; rule \"members\": is-list-member"
        + " does not hold; rule \"carol\": identity does not hold; rule \"dave\": identity does not hold;"
        + " rule \"friends\": external-list does not hold; rule \"late'\": location-list does not hold;"
        + " problem: 'nowhere' does not refer"
        + " to a resource list")]
    public void A_verdict_names_rule_condition_and_default(string? user, string explanation)
    {
        var validity = "<cr:validity><cr:from>2026-01-01T00:00:00Z</cr:from>"
            + "<cr:until>2027-01-01T00:00:00Z</cr:until></cr:validity>";
        var friends =
            $"<ocp:external-list><ocp:entry anc='{Anchor}1%5d'/><ocp:entry anc='nowhere'/></ocp:external-list>";
        var group = Resolve(
            GroupWith(
                Rule("members", "<is-list-member/>", Join)
                + Rule("carol", "<cr:identity><cr:one id='sip:carol@example.net'/></cr:identity>", "")
                + Rule("dave", $"<cr:identity><cr:one id='sip:dave@example.net'/></cr:identity>{validity}", DoNotJoin)
                + Rule("friends", friends, Join)
                + Rule("late&quot;", "<x21:location-list/>", Join)),
            new()
            {
                [IndexOf("sip:alice@example.com")] = Lists(
                    "<list><entry uri='sip:carol@example.net'/><entry uri='sip:dave@example.net'/></list>"),
            });

        var verdict = GroupRules.Decide(group, GroupAction.JoinHandling, Who(user), Now);

        Assert.Equal(explanation, verdict.Explanation);
        if (!verdict.Allowed)
            Assert.Equal(explanation.Split([": no", ": rule \"carol", "; rule \"friends"], 0)[0], verdict.Reason);
    }

    [Fact]
    public void An_explanation_is_bounded_and_printable()
    {
        var rules = string.Concat(Enumerable.Range(0, 200).Select(i =>
            Rule($"{new string('\u00FC', 500)}{i}&#10;&quot;", "<is-list-member/>", Join)));

        var verdict = Decide(rules, new(Uri("sip:x%0d%0a%22@y")));

        Assert.EndsWith("and 192 more", verdict.Explanation, StringComparison.Ordinal);
        Assert.InRange(verdict.Explanation.Length, 100, 3000);
        Assert.True(verdict.Explanation.All(c => c is >= ' ' and <= '~'));
    }

    [Fact]
    public void A_reason_tells_the_requester_nothing_of_others() =>
        Assert.Equal(
            "join-handling is false by default", Decide(Rule("bob", Bob, Join), new(Uri("sip:x@y"))).Reason);

    [Fact]
    public void A_verdict_costs_no_memory_for_members_or_rules()
    {
        Assert.Equal(Cost(members: 10, rules: 1), Cost(members: 10_000, rules: 200));
        Assert.InRange(Cost(members: 10, rules: 1), 1, 400);
    }

    private static long Cost(int members, int rules)
    {
        var validity = "<cr:validity><cr:from>2026-01-01T00:00:00Z</cr:from>"
            + "<cr:until>2027-01-01T00:00:00Z</cr:until></cr:validity>";
        var entries = string.Concat(Enumerable.Range(0, members).Select(i => $"<entry uri='sip:m{i}@example.com'/>"));
        var group = Resolve(GroupWith(
            string.Concat(Enumerable.Range(0, rules).Select(i => Rule(
                $"r{i}", i % 2 == 0 ? $"<is-list-member/>{validity}" : $"{Bob}<is-list-member/>", Join))),
            externals: entries));
        var who = new Requester(Uri("sip:m7@example.com"));
        for (var warm = 0; warm < 10; warm++)
            GroupRules.Decide(group, GroupAction.JoinHandling, who, Now);

        var before = GC.GetAllocatedBytesForCurrentThread();
        GroupRules.Decide(group, GroupAction.JoinHandling, who, Now);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static Requester Who(string? user) => user is null ? Requester.Anonymous : new(Uri(user));

    private static Verdict Decide(string rules, Requester who) =>
        GroupRules.Decide(Resolve(GroupWith(rules)), GroupAction.JoinHandling, who, Now);

    private static bool Joins(string rules, Precedence precedence = default, string? user = "sip:bob@example.com") =>
        GroupRules.Decide(Resolve(GroupWith(rules)), GroupAction.JoinHandling, Who(user), Now, precedence).Allowed;
}
