using ImSidecar.Core.Policies;
using ImSidecar.Core.Rules;
using ImSidecar.Protocol.Tests;
using ImSidecar.Protocol.Xdm;
using static ImSidecar.Core.Tests.Rules.Documents;

namespace ImSidecar.Core.Tests.Policies;

/// <summary>Access rules and block list of a user, Shared Policy XDM.</summary>
public class UserRulesTests
{
    private const string Bob = "sip:bob@example.com";
    private const string Reject = "<poc:allow-invite>reject</poc:allow-invite>";

    private static readonly string _anchor = Anchor.Replace("alice", "bob", StringComparison.Ordinal);

    private static readonly string _blocked =
        "<list name='oma_blockedcontacts'><entry uri='tel:+15550100'/><entry uri='sip:mallory@evil.example'/></list>";

    [Fact]
    public void The_example_refuses_who_is_blocked_and_who_is_not_known()
    {
        Assert.True(RuleSetXml.TryParse(Vectors.Read("xdm/access-rules.xml"), out var rules, out _));
        var user = Resolve(Bob, rules, new() { [IndexOf(Bob)] = Lists(_blocked) });

        Assert.Equal(InviteHandling.Reject, Invite(user, new(Uri("sip:mallory@evil.example"))).Handling);
        Assert.Equal(InviteHandling.Reject, Invite(user, Requester.Anonymous).Handling);
        Assert.Equal(InviteHandling.Pass, Invite(user, new(alice)).Handling);
        Assert.False(UserRules.Decide(user, UserAction.AllowOfflineStorage, Requester.Anonymous, Now).Allowed);
        Assert.True(UserRules.Decide(user, UserAction.AllowOfflineStorage, new(alice), Now).Allowed);
        Assert.True(UserRules.Decide(user, UserAction.AllowPrivateMessage, new(alice), Now).Allowed);
        Assert.Equal(
            "allow-invite is pass: rule \"default\" (other-identity)", Invite(user, new(alice)).Verdict.Explanation);
        Assert.Equal(
            "allow-invite is reject: rule \"anonymous\" (anonymous-request)",
            Invite(user, Requester.Anonymous).Verdict.Reason);
    }

    [Theory]
    [InlineData("sip:mallory@evil.example")]
    [InlineData("sips:mallory@EVIL.example;x=y")]
    [InlineData("sip:+1-555-0100@anywhere;user=phone")]
    public void Who_is_in_the_block_list_is_refused_without_a_rule_and_in_spite_of_rules(string who)
    {
        var rules = RulesOf(Rule("all", "", "<poc:allow-invite>accept</poc:allow-invite>"
            + "<oxe:allow-offline-storage oxe:allow='true'/><oxe:allow-reject-invite>true</oxe:allow-reject-invite>"));
        var lists = new Dictionary<DocumentSelector, ReferencedDocument> { [IndexOf(Bob)] = Lists(_blocked) };

        foreach (var user in new[] { Resolve(Bob, rules, lists), Resolve(Bob, null, lists) })
        {
            var verdict = Invite(user, new(Uri(who)));
            Assert.Equal(InviteHandling.Reject, verdict.Handling);
            Assert.False(verdict.Verdict.Allowed);
            Assert.Equal("allow-invite is reject by the user's choice", verdict.Verdict.Reason);
            Assert.EndsWith(
                "is in the list oma_blockedcontacts", verdict.Verdict.Explanation, StringComparison.Ordinal);
            Assert.False(UserRules.Decide(user, UserAction.AllowOfflineStorage, new(Uri(who)), Now).Allowed);
        }

        // To refuse on behalf of the user is nothing that a blocked caller gains.
        Assert.True(UserRules.Decide(
            Resolve(Bob, rules, lists), UserAction.AllowRejectInvite, new(Uri(who)), Now).Allowed);
    }

    [Fact]
    public void Who_is_blocked_stays_so_when_he_hides_or_comes_with_another_identity_too()
    {
        var user = Resolve(Bob, null, new() { [IndexOf(Bob)] = Lists(_blocked) });
        var mallory = Uri("sip:mallory@evil.example");

        Assert.Equal(InviteHandling.Reject, Invite(user, new([mallory], isAnonymous: true)).Handling);
        Assert.Equal(InviteHandling.Reject, Invite(user, new([alice, mallory])).Handling);
    }

    [Fact]
    public void A_block_list_may_refer_to_other_lists()
    {
        var anchor = _anchor + "@name=%22rcs_blockedcontacts%22%5d";
        var user = Resolve(Bob, null, new()
        {
            [IndexOf(Bob)] = Lists(
                $"<list name='oma_blockedcontacts'><external anchor='{anchor}'/></list>"
                + "<list name='rcs_blockedcontacts'><entry uri='sip:carol@example.net'/></list>"),
        });

        Assert.Equal(InviteHandling.Reject, Invite(user, new(carol)).Handling);
        Assert.Equal(InviteHandling.Pass, Invite(user, new(alice)).Handling);
    }

    [Fact]
    public void A_user_without_documents_gets_everything_but_nothing_by_itself()
    {
        var user = Resolve(Bob, null);

        Assert.Equal(InviteHandling.Pass, Invite(user, new(alice)).Handling);
        Assert.Equal(
            "allow-invite is pass by default: there are no rules", Invite(user, new(alice)).Verdict.Explanation);
        Assert.Empty(user.Problems);
        Assert.Equal(
            [UserAction.AllowPrivateMessage, UserAction.AllowOfflineStorage],
            Enum.GetValues<UserAction>().Where(each => UserRules.Decide(user, each, new(alice), Now).Allowed));
    }

    [Theory]
    [InlineData("reject", "pass", "accept", InviteHandling.Accept)]
    [InlineData("pass", "reject", "pass", InviteHandling.Pass)]
    [InlineData("accept", "pass", "reject", InviteHandling.Accept)]
    [InlineData("reject", "reject", "reject", InviteHandling.Reject)]
    public void The_greatest_handling_among_rules_that_count_wins(
        string one, string two, string three, InviteHandling handling)
    {
        var rules = string.Concat(new[] { one, two, three }.Select(value =>
            Rule("r" + value, "", $"<poc:allow-invite>{value}</poc:allow-invite>")));

        var verdict = Invite(Resolve(Bob, RulesOf(rules)), new(alice));

        Assert.Equal(handling, verdict.Handling);
        Assert.Equal(handling != InviteHandling.Reject, verdict.Verdict.Allowed);
        Assert.Contains(
            $"rule \"r{handling.ToString().ToLowerInvariant()}\"",
            verdict.Verdict.Explanation,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_rule_for_the_identity_comes_before_the_rest_in_either_direction()
    {
        var user = Resolve(Bob, RulesOf(
            Rule("carol", "<cr:identity><cr:one id='sip:carol@example.net'/></cr:identity>", Reject)
            + Rule(
                "friends",
                $"<ocp:external-list><ocp:entry anc='{_anchor}1%5d'/></ocp:external-list>",
                "<poc:allow-invite>accept</poc:allow-invite>")
            + Rule("others", "<ocp:other-identity/>", Reject)),
            new()
            {
                [IndexOf(Bob)] = Lists(
                    "<list><entry uri='sip:carol@example.net'/><entry uri='sip:dave@example.net'/></list>"),
            });

        Assert.Equal(InviteHandling.Reject, Invite(user, new(carol)).Handling);
        Assert.Equal(
            InviteHandling.Accept, UserRules.DecideInvite(user, new(carol), Now, Precedence.Rfc4745).Handling);
        Assert.Equal(InviteHandling.Accept, Invite(user, new(dave)).Handling);
        Assert.Equal(InviteHandling.Reject, Invite(user, new(alice)).Handling);
    }

    [Fact]
    public void Lists_that_cannot_be_read_are_told()
    {
        var user = Resolve(Bob, null, new() { [IndexOf(Bob)] = new(null, "is not well-formed") });

        Assert.Equal(["resource-lists/users/sip:bob@example.com/index is not well-formed"], user.Problems);
        Assert.Contains("is not well-formed", Invite(user, new(alice)).Verdict.Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public void Rules_tell_nothing_of_the_lists_of_others()
    {
        var user = Resolve(Bob, RulesOf(Rule(
            "spy", $"<ocp:external-list><ocp:entry anc='{Anchor}1%5d'/></ocp:external-list>", Reject)), new()
            {
                [IndexOf("sip:alice@example.com")] = Lists("<list><entry uri='sip:carol@example.net'/></list>"),
            });

        Assert.Equal(InviteHandling.Pass, Invite(user, new(carol)).Handling);
        Assert.EndsWith("is somebody else's", Assert.Single(user.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Is_list_member_holds_for_nobody() =>
        Assert.Contains(
            "is-list-member does not hold",
            Invite(
                Resolve(Bob, RulesOf(Rule("r", "<is-list-member/>", "<poc:allow-invite>accept</poc:allow-invite>"))),
                new(bob)).Verdict.Explanation,
            StringComparison.Ordinal);

    private static InviteVerdict Invite(ResolvedUser user, Requester who) => UserRules.DecideInvite(user, who, Now);
}
