using ImSidecar.Core.Conferences;
using ImSidecar.Core.Participating;
using ImSidecar.Core.Rules;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Tests.Participating;

/// <summary>Who reaches a served user, IM 13: by his rules, if he is there.</summary>
public class TerminatingHalfTests
{
    private static Respond Refused(Effect effect, int code)
    {
        var respond = Assert.IsType<Respond>(effect);
        Assert.Equal(code, respond.Status.Code);
        return respond;
    }

    [Theory]
    [InlineData("INVITE", true)]
    [InlineData("SUBSCRIBE", true)]
    [InlineData("REFER", true)]
    [InlineData("MESSAGE", false)]
    [InlineData("OPTIONS", false)]
    public void Who_is_registered_is_reached_and_the_dialog_comes_by_here(string method, bool recordsRoute)
    {
        var serving = Serving.Registered();
        var before = serving.State;

        var passed = Assert.IsType<PassOn>(serving.Answers(Serving.To(method)));

        Assert.Equal((SessionCase.Terminating, recordsRoute), (passed.Passed, passed.RecordRoute));
        Assert.Null(passed.Uri);
        Assert.Empty(passed.Removed);
        Assert.Empty(passed.Added);
        Assert.Same(before, serving.State);
    }

    [Theory]
    [InlineData("INVITE")]
    [InlineData("MESSAGE")]
    [InlineData("SUBSCRIBE")]
    [InlineData("REFER")]
    [InlineData("OPTIONS")]
    public void Who_is_in_the_block_list_reaches_him_with_nothing(string method)
    {
        var serving = Serving.Registered();
        serving.AccessRules = Serving.RulesOf(Serving.Invites("accept"), carol.Text);

        var refusal = Refused(serving.Answers(Serving.To(method)), 403);

        Assert.Equal("Refused by the user's choice", refusal.Warning);
        Assert.Contains("oma_blockedcontacts", refusal.Explanation, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(403, "Refused by the user's choice")]
    [InlineData(480, TerminatingHalf.NotAvailable)]
    [InlineData(486, "Refused by the user's choice")]
    [InlineData(603, "Refused by the user's choice")]
    public void The_operator_says_how_a_rule_refuses(int code, string warning)
    {
        var serving = Serving.Registered();
        serving.Participating = Serving.participating with { RejectStatus = SipStatus.Refusal(code) };
        serving.AccessRules = Serving.RulesOf(Serving.Invites("reject"));

        foreach (var method in (string[])["INVITE", "MESSAGE", "REFER"])
            Assert.Equal(warning, Refused(serving.Answers(Serving.To(method)), code).Warning);
    }

    [Fact]
    public void A_rule_for_sessions_says_nothing_of_other_requests()
    {
        var serving = Serving.Registered();
        serving.AccessRules = Serving.RulesOf(Serving.Invites("reject"));

        Assert.IsType<PassOn>(serving.Answers(Serving.To("SUBSCRIBE")));
    }

    [Fact]
    public void A_rule_may_be_about_messages_only()
    {
        var serving = Serving.Registered();
        serving.AccessRules = Serving.RulesOf(Serving.Invites(
            "reject", "<oxe:media-list><oxe:pager-mode-message/></oxe:media-list>"));

        Assert.IsType<PassOn>(serving.Answers(Serving.To("INVITE")));
        Refused(serving.Answers(Serving.To("MESSAGE")), 403);
    }

    [Fact]
    public void Refused_with_480_nobody_can_tell_him_from_one_who_is_away()
    {
        var serving = Serving.Registered();
        serving.Participating = Serving.participating with { RejectStatus = SipStatus.TemporarilyUnavailable };
        serving.AccessRules = Serving.RulesOf("", carol.Text);
        var blocked = Refused(serving.Answers(Serving.To()), 480);

        var away = Refused(new Serving().Answers(Serving.To()), 480);

        Assert.Equal(away, blocked with { Explanation = away.Explanation });
    }

    [Fact]
    public void Who_is_blocked_does_not_learn_whether_he_is_there()
    {
        var away = new Serving { AccessRules = Serving.RulesOf("", carol.Text) };

        Refused(away.Answers(Serving.To()), 403);
    }

    [Fact]
    public void A_polite_block_takes_a_message_and_drops_it()
    {
        var serving = Serving.Registered();
        serving.Participating = Serving.participating with { PoliteBlock = true };
        serving.AccessRules = Serving.RulesOf("", carol.Text);

        Assert.Null(Refused(serving.Answers(Serving.To("MESSAGE")), 202).Warning);
        Refused(serving.Answers(Serving.To("INVITE")), 403);
    }

    [Fact]
    public void Without_rules_nobody_gets_through_and_everybody_may_try_again()
    {
        var serving = Serving.Registered();
        serving.AccessRules = null;

        var refusal = Refused(serving.Answers(Serving.To()), 480);

        Assert.Equal(("10", TerminatingHalf.NotAvailable), (refusal.Headers.First("Retry-After"), refusal.Warning));
        Assert.Equal("Rules of the user are not available", refusal.Explanation);
    }

    [Fact]
    public void Who_is_barred_by_the_operator_reaches_nobody() =>
        Assert.Equal(
            "User is barred from the IM service",
            Refused(Serving.Registered().Answers(Serving.To(from: mallory)), 403).Warning);

    [Fact]
    public void Nobody_reaches_who_is_not_registered_not_visible_or_without_the_service()
    {
        Refused(new Serving().Answers(Serving.To()), 480);

        var invisible = Serving.Registered();
        invisible.Sets(isVisible: false);
        Refused(invisible.Answers(Serving.To("SUBSCRIBE")), 480);

        var inactive = Serving.Registered();
        inactive.Sets(isActive: false);
        Refused(inactive.Answers(Serving.To("MESSAGE")), 480);
    }

    [Theory]
    [InlineData("sip:+12015550123@example.com", true)]
    [InlineData("tel:+1-201-555-0123", true)]
    [InlineData("sip:+12015550123@example.net", false)]
    public void Only_at_home_a_number_without_user_phone_is_himself(string sender, bool isHimself)
    {
        var serving = new Serving { AccessRules = Serving.RulesOf(Serving.Invites("reject")) };
        var request = Serving.To("MESSAGE", Uri(sender))
            .WithHead(head => head with { Uri = Uri("sip:+12015550123@example.com") });

        Assert.Equal(isHimself, serving.Answers(request) is PassOn);
    }

    [Fact]
    public void Where_nobody_tells_of_registrations_the_core_finds_out()
    {
        var serving = new Serving { Participating = Serving.participating with { Sources = [] } };

        Assert.IsType<PassOn>(serving.Answers(Serving.To()));
        serving.Sets(isVisible: false);
        Refused(serving.Answers(Serving.To()), 480);
    }

    [Fact]
    public void His_own_devices_ask_nobody()
    {
        var serving = new Serving { AccessRules = null };
        serving.Sets(isVisible: false);

        Assert.IsType<PassOn>(serving.Answers(Serving.To("MESSAGE", from: bob)));
    }

    [Theory]
    [InlineData(false, false, true)]
    [InlineData(true, false, false)]
    [InlineData(true, true, true)]
    [InlineData(false, true, true)]
    public void Who_hides_needs_a_rule_where_the_operator_says_so(bool rejects, bool hasRule, bool getsThrough)
    {
        var serving = Serving.Registered();
        serving.Participating = Serving.participating with { RejectAnonymous = rejects };
        serving.AccessRules = Serving.RulesOf(hasRule ? Serving.Invites("pass", "<ocp:anonymous-request/>") : "");

        var answer = serving.Answers(Serving.To().With("Privacy", "id"));

        Assert.Equal(getsThrough, answer is PassOn);
        Assert.IsType<PassOn>(serving.Answers(Serving.To()));
    }

    [Fact]
    public void Who_is_blocked_and_hides_is_blocked()
    {
        var serving = Serving.Registered();
        serving.AccessRules = Serving.RulesOf(Serving.Invites("pass", "<ocp:anonymous-request/>"), carol.Text);

        Refused(serving.Answers(Serving.To().With("Privacy", "id")), 403);
    }

    [Theory]
    [InlineData(true, "isfocus", "<sip:carol@example.net>", false)]
    [InlineData(true, "isfocus", "<sip:dave@example.net>", true)]
    [InlineData(true, "x", "<sip:carol@example.net>", true)]
    [InlineData(false, "isfocus", "<sip:carol@example.net>", true)]
    [InlineData(true, "isfocus", "nonsense", true)]
    public void A_focus_calls_for_who_it_says_if_the_core_brings_it(
        bool isTrusted, string parameter, string referredBy, bool getsThrough)
    {
        var serving = Serving.Registered();
        serving.AccessRules = Serving.RulesOf("", carol.Text);
        var focus = Uri("sip:room@im.example.net");
        var invite = Serving.To(from: focus).With("Referred-By", referredBy).WithHead(head => head with
        {
            IsTrusted = isTrusted,
            Contact = Address($"<sip:room@im.example.net>;{parameter}"),
        });

        Assert.Equal(getsThrough, serving.Answers(invite) is PassOn);
    }

    [Theory]
    [InlineData("sip:mallory@example.com", false)]
    [InlineData("sip:room@im.example.net", true)]
    public void A_phone_of_ours_is_no_focus_whatever_its_contact_says(string who, bool getsThrough)
    {
        var serving = Serving.Registered();
        serving.AccessRules = Serving.RulesOf(
            Serving.Invites("reject", "<ocp:other-identity/>")
            + Serving.Invites("accept", "<cr:identity><cr:one id='sip:carol@example.net'/></cr:identity>"));
        var invite = Serving.To(from: Uri(who)).With("Referred-By", "<sip:carol@example.net>")
            .WithHead(head => head with
            {
                IsTrusted = true,
                Contact = Address($"<{who}>;isfocus"),
            });

        Assert.Equal(getsThrough, serving.Answers(invite) is PassOn);
    }

    [Fact]
    public void Who_blocks_a_group_is_not_called_by_it_whoever_invites()
    {
        var serving = Serving.Registered();
        serving.AccessRules = Serving.RulesOf("", skiers.Text);
        var invite = Serving.To(from: skiers).With("Referred-By", "<sip:dave@example.net>").WithHead(head => head with
        {
            IsTrusted = true,
            Contact = Address("<sip:room@im.example.com>;isfocus"),
        });

        Refused(serving.Answers(invite), 403);
    }

    [Theory]
    [InlineData("sip:conf-factory@im.example.com", ";isfocus", true, false)]
    [InlineData("sip:conf-factory@im.example.com", "", true, false)]
    [InlineData("sip:conf-factory@im.example.com", "", false, true)]
    [InlineData("sip:conf-factory@im.example.net", ";isfocus", true, true)]
    public void Of_our_own_focus_from_tells_who_invites(
        string focus, string parameter, bool isTrusted, bool getsThrough)
    {
        var serving = Serving.Registered();
        serving.AccessRules = Serving.RulesOf("", carol.Text);
        var invite = Serving.To(from: Uri(focus)).WithHead(head => head with
        {
            IsTrusted = isTrusted,
            From = new(carol, null, ";tag=1"),
            Contact = Address("<sip:room@im.example.com>" + parameter),
        });

        Assert.Equal(getsThrough, serving.Answers(invite) is PassOn);
    }

    [Theory]
    [InlineData("INVITE", "sip:conf-factory@im.example.com", true, false)]
    [InlineData("MESSAGE", "sip:skiers@groups.example.com", true, false)]
    [InlineData("MESSAGE", "sip:conf-factory@im.example.com", false, true)]
    [InlineData("MESSAGE", "sip:conf-factory@im.example.net", true, true)]
    public void Who_hides_behind_a_request_of_ours_is_blocked_all_the_same(
        string method, string from, bool isTrusted, bool getsThrough)
    {
        var serving = Serving.Registered();
        serving.AccessRules = Serving.RulesOf("", carol.Text);
        serving.Hidden = carol;
        var request = Serving.To(method, from: Uri(from)).With("Privacy", "id").WithHead(head => head with
        {
            IsTrusted = isTrusted,
        });

        Assert.Equal(getsThrough, serving.Answers(request) is PassOn);
    }
}
