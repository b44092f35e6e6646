using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Protocol.Tests.Xdm;

/// <summary>RFC 4745, and the conditions and actions that OMA adds.</summary>
public class RuleSetXmlTests
{
    [Fact]
    public void The_example_of_access_rules_is_understood()
    {
        Assert.True(RuleSetXml.TryParse(Vectors.Read("xdm/access-rules.xml"), out var rules, out var error), error);

        Assert.Equal(["blocked", "anonymous", "default"], rules.Rules.Select(rule => rule.Id));
        Assert.Equal(
            [InviteHandling.Reject, InviteHandling.Reject, InviteHandling.Pass],
            rules.Rules.Select(rule => rule.Actions.AllowInvite!.Value));
        Assert.Equal(
            [false, false, true], rules.Rules.Select(rule => rule.Actions[RuleAction.AllowOfflineStorage]!.Value));
        Assert.Null(rules.Rules[0].Actions[RuleAction.AllowPrivateMessage]);
        Assert.True(rules.Rules[2].Actions[RuleAction.AllowPrivateMessage]);
        Assert.Collection(
            rules.Rules[0].Conditions,
            condition => Assert.Contains(
                "oma_blockedcontacts",
                Assert.Single(Assert.IsType<ExternalListCondition>(condition).Anchors),
                StringComparison.Ordinal),
            condition => Assert.Equal(
                new("IM", null), Assert.Single(Assert.IsType<ServiceListCondition>(condition).Services.Services)));
        Assert.IsType<AnonymousRequestCondition>(Assert.Single(rules.Rules[1].Conditions));
        Assert.IsType<OtherIdentityCondition>(Assert.Single(rules.Rules[2].Conditions));
    }

    [Fact]
    public void An_identity_holds_users_and_domains_with_exceptions()
    {
        var rule = Xml.ReadRule(
            "<cr:identity><cr:one id='sip:a@b'/><cr:one id=' tel:+1 '/><cr:many/><cr:many domain='b'>"
            + "<cr:except id='sip:c@b'/><cr:except domain='d'/></cr:many></cr:identity>");

        var identity = Assert.IsType<IdentityCondition>(Assert.Single(rule.Conditions));
        Assert.Equal(["sip:a@b", "tel:+1"], identity.One);
        Assert.Null(identity.Many[0].Domain);
        Assert.Equal("b", identity.Many[1].Domain);
        Assert.Equal(["sip:c@b"], identity.Many[1].ExceptIds);
        Assert.Equal(["d"], identity.Many[1].ExceptDomains);
    }

    [Fact]
    public void Users_and_domains_that_something_unknown_narrows_are_nobody()
    {
        var rule = Xml.ReadRule(
            "<cr:identity><cr:one id='sip:a@b'><x:only-if-blonde/></cr:one>"
            + "<cr:many domain='b'><x:except-brown/></cr:many><x:all/></cr:identity>");

        var identity = Assert.IsType<IdentityCondition>(Assert.Single(rule.Conditions));
        Assert.Empty(identity.One);
        Assert.Empty(identity.Many);
    }

    [Fact]
    public void A_validity_is_intervals_of_time()
    {
        var rule = Xml.ReadRule(
            "<cr:validity><cr:from>2026-11-20T09:00:00+01:00</cr:from><cr:until>2026-11-20T09:00:00.5Z</cr:until>"
            + "<cr:from>2027-01-01T00:00:00</cr:from><cr:until>2027-01-02T00:00:00Z</cr:until></cr:validity>");

        var ranges = Assert.IsType<ValidityCondition>(Assert.Single(rule.Conditions)).Ranges;
        var eight = new DateTimeOffset(2026, 11, 20, 8, 0, 0, TimeSpan.Zero);
        Assert.Equal(new(eight, eight.AddHours(1).AddSeconds(0.5)), ranges[0]);
        Assert.Equal(new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero), ranges[1].From);
    }

    [Fact]
    public void Services_and_media_are_lists_or_all_but_lists()
    {
        var rule = Xml.ReadRule(
            "<oxe:service-list><oxe:service enabler='IM'><oxe:group-media><oxe:message-session/></oxe:group-media>"
            + "</oxe:service><oxe:service enabler='PoC'/></oxe:service-list><oxe:service-list><oxe:all-services-except>"
            + "<oxe:service enabler='PoC'/></oxe:all-services-except></oxe:service-list>"
            + "<oxe:media-list><oxe:file-transfer/><x21:standalone-message/><x:unknown/></oxe:media-list>"
            + "<oxe:media-list><oxe:all-media-except><oxe:video/></oxe:all-media-except></oxe:media-list>");

        var some = Assert.IsType<ServiceListCondition>(rule.Conditions[0]).Services;
        Assert.True(some.Includes("im", ["message-session"]));
        Assert.True(some.Includes("IM", []));
        Assert.False(some.Includes("IM", ["message-session", "video"]));
        Assert.True(some.Includes("PoC", ["video"]));
        Assert.False(some.Includes("CPM", []));

        var most = Assert.IsType<ServiceListCondition>(rule.Conditions[1]).Services;
        Assert.True(most.Includes("IM", ["video"]));
        Assert.False(most.Includes("PoC", ["video"]));

        var media = Assert.IsType<MediaListCondition>(rule.Conditions[2]).Media;
        Assert.True(media.Includes(["standalone-message", "file-transfer"]));
        Assert.False(media.Includes(["unknown"]));
        Assert.False(media.Includes([]));

        var mostMedia = Assert.IsType<MediaListCondition>(rule.Conditions[3]).Media;
        Assert.True(mostMedia.Includes(["message-session"]));
        Assert.False(mostMedia.Includes(["message-session", "video"]));
    }

    [Theory]
    [InlineData("<x21:upp-list/>", "upp-list")]
    [InlineData("<x21:invited-identities/>", "invited-identities")]
    [InlineData("<x21:deferred-messages/>", "deferred-messages")]
    [InlineData("<x:is-list-member/>", "is-list-member")]
    [InlineData("<is-list-member>false</is-list-member>", "is-list-member")]
    [InlineData("<other-identity/>", "other-identity")]
    public void A_condition_that_is_not_known_is_kept_as_such(string condition, string name) =>
        Assert.Equal(new UnknownCondition(name), Assert.Single(Xml.ReadRule(condition).Conditions));

    [Fact]
    public void What_else_a_rule_has_may_narrow_it()
    {
        Assert.True(RuleSetXml.TryParse(Xml.Rules("<cr:rule id='r'><x:on-sundays/></cr:rule>"), out var rules, out _));

        Assert.Equal(new UnknownCondition("on-sundays"), Assert.Single(Assert.Single(rules.Rules).Conditions));
    }

    [Fact]
    public void All_services_but_one_that_is_not_known_is_no_service()
    {
        var rule = Xml.ReadRule(
            "<oxe:service-list><oxe:all-services-except><x:chat/></oxe:all-services-except></oxe:service-list>");

        var services = Assert.IsType<ServiceListCondition>(Assert.Single(rule.Conditions)).Services;
        Assert.False(services.Includes("IM", []));
    }

    [Fact]
    public void A_sphere_is_kept() =>
        Assert.Equal(
            new SphereCondition("work"), Assert.Single(Xml.ReadRule("<cr:sphere value='work'/>").Conditions));

    [Theory]
    [InlineData("<allow-conference-state>v</allow-conference-state>", RuleAction.AllowConferenceState)]
    [InlineData(
        "<allow-invite-users-dynamically>v</allow-invite-users-dynamically>", RuleAction.AllowInviteUsersDynamically)]
    [InlineData("<join-handling>v</join-handling>", RuleAction.JoinHandling)]
    [InlineData("<allow-initiate-conference>v</allow-initiate-conference>", RuleAction.AllowInitiateConference)]
    [InlineData("<allow-anonymity>v</allow-anonymity>", RuleAction.AllowAnonymity)]
    [InlineData("<is-key-participant>v</is-key-participant>", RuleAction.IsKeyParticipant)]
    [InlineData("<oxe:allow-expelling>v</oxe:allow-expelling>", RuleAction.AllowExpelling)]
    [InlineData("<oxe:allow-subconf>v</oxe:allow-subconf>", RuleAction.AllowSubConf)]
    [InlineData("<oxe:allow-private-message>v</oxe:allow-private-message>", RuleAction.AllowPrivateMessage)]
    [InlineData("<oxe:allow-media-handling>v</oxe:allow-media-handling>", RuleAction.AllowMediaHandling)]
    [InlineData(
        "<oxe:block-group-advertisement-sending>v</oxe:block-group-advertisement-sending>",
        RuleAction.BlockGroupAdvertisementSending)]
    [InlineData("<oxe:allow-auto-answermode>v</oxe:allow-auto-answermode>", RuleAction.AllowAutoAnswermode)]
    [InlineData(
        "<oxe:allow-manual-answer-override>v</oxe:allow-manual-answer-override>",
        RuleAction.AllowManualAnswerOverride)]
    [InlineData("<oxe:allow-offline-storage oxe:allow='v'/>", RuleAction.AllowOfflineStorage)]
    [InlineData("<oxe:allow-offline-storage allow='v'/>", RuleAction.AllowOfflineStorage)]
    [InlineData("<oxe:allow-reject-invite>v</oxe:allow-reject-invite>", RuleAction.AllowRejectInvite)]
    [InlineData("<x21:allow-defer>v</x21:allow-defer>", RuleAction.AllowDefer)]
    [InlineData("<x21:allow-store>v</x21:allow-store>", RuleAction.AllowStore)]
    [InlineData("<x21:allow-push>v</x21:allow-push>", RuleAction.AllowPush)]
    [InlineData("<x21:allow-pull>v</x21:allow-pull>", RuleAction.AllowPull)]
    [InlineData("<x21:allow-do-not-disturb>v</x21:allow-do-not-disturb>", RuleAction.AllowDoNotDisturb)]
    [InlineData(
        "<x21:allow-forward execute='v'><x21:forward-to>sip:c@d</x21:forward-to></x21:allow-forward>",
        RuleAction.AllowForward)]
    [InlineData("<x21:allow-interwork execute='v'/>", RuleAction.AllowInterwork)]
    [InlineData("<x21:allow-deliver-and-interwork execute='v'/>", RuleAction.AllowDeliverAndInterwork)]
    [InlineData(
        "<x21:allow-deliver-reference-media>v</x21:allow-deliver-reference-media>",
        RuleAction.AllowDeliverReferenceMedia)]
    public void Every_action_says_yes_or_no(string element, RuleAction action)
    {
        foreach (var (text, value) in new[] { ("true", true), ("1", true), ("false", false), ("0", false) })
        {
            var actions = Xml.ReadRule("", element.Replace(">v<", $">{text}<", StringComparison.Ordinal)
                .Replace("'v'", $"'{text}'", StringComparison.Ordinal)).Actions;

            Assert.Equal(value, actions[action]);
            Assert.All(
                Enum.GetValues<RuleAction>().Where(other => other != action), other => Assert.Null(actions[other]));
            Assert.Equal(action == RuleAction.AllowForward ? "sip:c@d" : null, actions.ForwardTo);
        }

        Assert.Contains(RuleActions.NameOf(action), element, StringComparison.Ordinal);
        Assert.False(RuleSetXml.TryParse(Xml.Rule("", element), out _, out var error));
        Assert.Equal($"The value of {RuleActions.NameOf(action)} is none", error);
    }

    [Fact]
    public void An_action_said_twice_is_the_greater_one_and_an_unknown_one_is_kept()
    {
        var actions = Xml.ReadRule(
            "", "<join-handling>true</join-handling><x:dance/><join-handling>false</join-handling>").Actions;

        Assert.True(actions[RuleAction.JoinHandling]);
        Assert.Equal(["dance"], actions.Unknown);
    }

    [Theory]
    [InlineData("none", MediaRemoval.None)]
    [InlineData("own", MediaRemoval.Own)]
    [InlineData("other", MediaRemoval.Other)]
    [InlineData("any", MediaRemoval.Any)]
    public void Whose_media_one_may_remove_is_one_of_four(string text, MediaRemoval removal) =>
        Assert.Equal(
            removal,
            Xml.ReadRule("", $"<oxe:remove-media-handling>{text}</oxe:remove-media-handling>").Actions.RemoveMedia);

    [Fact]
    public void A_draft_of_2005_is_read_as_what_became_of_it()
    {
        const string Draft = "<is-list-member xmlns='urn:oma:params:xml:ns:list-service'>true</is-list-member>";

        var allow = Xml.ReadRule(
            Draft, "<join-handling xmlns='urn:oma:params:xml:ns:list-service'>allow</join-handling>");
        var block = Xml.ReadRule(Draft, "<join-handling>block</join-handling>");

        Assert.IsType<IsListMemberCondition>(Assert.Single(allow.Conditions));
        Assert.True(allow.Actions[RuleAction.JoinHandling]);
        Assert.False(block.Actions[RuleAction.JoinHandling]);
    }

    [Theory]
    [InlineData("<poc:allow-invite>perhaps</poc:allow-invite>", "allow-invite")]
    [InlineData("<oxe:remove-media-handling>all</oxe:remove-media-handling>", "remove-media-handling")]
    [InlineData("<join-handling><x:b/></join-handling>", "join-handling")]
    public void An_action_with_a_wrong_value_spoils_the_document(string action, string name)
    {
        Assert.False(RuleSetXml.TryParse(Xml.Rule("", action), out var rules, out var error));

        Assert.Contains(name, error, StringComparison.Ordinal);
        Assert.Empty(rules.Rules);
    }

    [Theory]
    [InlineData("<cr:rule/>", "no id")]
    [InlineData("<cr:rule id=' '/>", "no id")]
    [InlineData("<cr:rule id='a'><cr:conditions/><cr:conditions/></cr:rule>", "twice")]
    [InlineData("<cr:rule id='a'><cr:actions/><cr:actions/></cr:rule>", "twice")]
    [InlineData(
        "<cr:rule id='a'><cr:conditions><cr:validity><cr:from>today</cr:from></cr:validity></cr:conditions></cr:rule>",
        "date and time")]
    [InlineData(
        "<cr:rule id='a'><cr:conditions><cr:validity><cr:until>2027-01-01T00:00:00Z</cr:until></cr:validity>"
        + "</cr:conditions></cr:rule>",
        "by turns")]
    [InlineData(
        "<cr:rule id='a'><cr:conditions><cr:validity><cr:from>2027-01-01T00:00:00Z</cr:from></cr:validity>"
        + "</cr:conditions></cr:rule>",
        "by turns")]
    public void A_rule_that_cannot_be_read_spoils_the_document(string rule, string reason)
    {
        Assert.False(RuleSetXml.TryParse(Xml.Rules(rule), out _, out var error));

        Assert.Contains(reason, error, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_document_is_none()
    {
        Assert.False(RuleSetXml.TryParse(Xml.Bytes("<ruleset/>"), out _, out var error));
        Assert.Equal("Not a ruleset document", error);
    }

    [Fact]
    public void Rules_are_bounded()
    {
        Assert.True(RuleSetXml.TryParse(Xml.Rules(Xml.Repeat("<cr:rule id='a'/>", 200)), out _, out _));
        Assert.False(RuleSetXml.TryParse(Xml.Rules(Xml.Repeat("<cr:rule id='a'/>", 201)), out _, out var error));
        Assert.Contains("too many rules", error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_example_is_valid() =>
        Assert.Empty(Schemas.GroupDocument.Errors(Vectors.Read("xdm/access-rules.xml")));

    [Fact]
    public void Damaged_documents_never_throw()
    {
        foreach (var spoiled in Damage.Of(Vectors.Read("xdm/access-rules.xml")))
            Assert.Equal(RuleSetXml.TryParse(spoiled, out _, out var error), error.Length == 0);
    }
}
