using System.Text;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Deferred;
using ImSidecar.Core.Participating;
using ImSidecar.Protocol.Sdp;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Tests.Participating;

/// <summary>App. D.2, IM 11: an INVITE to a user who is away is answered for him.</summary>
public class AnswerForUserTests
{
    [Fact, Trait("Spec", "IM D.2/intro-1")]
    public void The_sender_gets_our_path_and_only_sends()
    {
        var storing = new Storing();

        var outcome = storing.Arrives(Storing.ToBob());

        Assert.Equal(["OpenLeg", "Respond"], outcome.Effects.Select(each => each.GetType().Name));
        var open = outcome.Single<OpenLeg>();
        Assert.True(open.EndsHere);
        Assert.Equal([carol.Text], open.Identities);
        var response = outcome.Single<Respond>();
        Assert.Equal((SipStatus.Ok, true), (response.Status, response.RecordRoute));
        Assert.Equal($"<{Storing.self}>;+g.oma.sip-im", response.Headers.First("Contact"));
        Assert.Equal($"<{Storing.store}>", response.Headers.First("P-Asserted-Identity"));
        Assert.Equal(policy.ReleaseVersion, response.Headers.First("Server"));
        Assert.NotNull(response.Headers.First("Allow"));
        var media = Storing.MediaOf(response.Body);
        Assert.Equal((MediaDirection.RecvOnly, SetupRole.Passive), (media.Direction, media.Setup));
        Assert.Equal(["message/cpim", "text/plain"], media.AcceptTypes);
    }

    [Theory]
    [InlineData("text/plain", "text/plain")]
    [InlineData("*", "message/cpim *")]
    [InlineData("text/html MESSAGE/CPIM", "message/cpim text/html")]
    public void What_the_sender_takes_himself_he_may_leave(string offered, string taken)
    {
        var response = new Storing().Answers(
            Storing.ToBob(sdp: Encoding.UTF8.GetString(Sdp(carol, types: offered))));

        Assert.Equal(taken.Split(' '), Storing.MediaOf(response.Body).AcceptTypes);
    }

    [Fact]
    public void Without_an_offer_ours_is_in_the_answer()
    {
        var media = Storing.MediaOf(new Storing().Answers(Storing.ToBob(sdp: "")).Body);

        Assert.Equal((MediaDirection.RecvOnly, SetupRole.ActPass), (media.Direction, media.Setup));
        Assert.Equal(["message/cpim", "text/plain"], media.AcceptTypes);
    }

    [Fact]
    public void What_is_left_for_him_is_the_largest_message()
    {
        var storing = new Storing();
        var free = Storing.MediaOf(storing.Answers(Storing.ToBob()).Body).MaxSize;
        Assert.InRange(free!.Value, 17_000, Storing.deferred.MaxMessageBytes - 1024);

        var tight = new Storing { Waiting = new() { Waiting = new(1, 90_000) } };
        var left = Storing.MediaOf(tight.Answers(Storing.ToBob()).Body).MaxSize;
        Assert.Equal(free - 10_000, left);
    }

    [Theory]
    [InlineData(10, 100)]
    [InlineData(1, 100_000)]
    [InlineData(1, 99_500)]
    public void A_full_mailbox_takes_no_session(long messages, long bytes)
    {
        var storing = new Storing { Waiting = new() { Waiting = new(messages, bytes) } };

        var response = storing.Answers(Storing.ToBob());

        Assert.Equal(SipStatus.TemporarilyUnavailable, response.Status);
        Assert.Equal("User is not available and his mailbox is full", response.Warning);
        Assert.Null(storing.State);
    }

    [Fact]
    public void Without_the_store_nobody_is_answered_for()
    {
        var storing = new Storing { Waiting = new() { IsUnavailable = true } };

        Assert.Equal(SipStatus.ServiceUnavailable, storing.Answers(Storing.ToBob()).Status);
        Assert.Null(storing.State);
    }

    [Theory]
    [InlineData(20_000, 0, "No room for more sessions")]
    [InlineData(7, 50, "Caller has too many such sessions")]
    public void Beyond_as_many_sessions_as_there_may_be_nobody_is_answered_for(int all, int his, string warning)
    {
        var storing = new Storing { Waiting = new() { Sessions = all, SessionsOfCaller = his } };

        var response = storing.Answers(Storing.ToBob());

        Assert.Equal((SipStatus.ServiceUnavailable, warning), (response.Status, response.Warning));
        Assert.Equal("30", response.Headers.First("Retry-After"));
        Assert.Null(storing.State);
    }

    [Fact]
    public void Media_that_is_none_of_ours_is_refused_with_what_is()
    {
        var response = new Storing().Answers(
            Storing.ToBob(sdp: Encoding.UTF8.GetString(Sdp(carol, protocol: "TCP/TLS/MSRP"))));

        Assert.Equal(SipStatus.NotAcceptableHere, response.Status);
        Assert.Equal("MSRP over TLS is not available", response.Warning);
        Assert.Equal(["message/cpim", "text/plain"], Storing.MediaOf(response.Body).AcceptTypes);
    }

    [Theory]
    [InlineData("Require", "100rel", 420)]
    [InlineData("Privacy", "secret; critical", 500)]
    public void What_we_cannot_do_is_refused(string name, string value, int code) =>
        Assert.Equal(code, new Storing().Answers(Storing.ToBob().With(name, value)).Status.Code);

    [Fact]
    public void Too_short_an_interval_is_refused()
    {
        var response = new Storing().Answers(
            Storing.ToBob().With("Supported", "timer").With("Session-Expires", "30"));

        Assert.Equal((SipStatus.SessionIntervalTooSmall, "90"), (response.Status, response.Headers.First("Min-SE")));
    }

    [Fact]
    public void Who_names_no_contact_is_refused() =>
        Assert.Equal(SipStatus.BadRequest, new Storing().Answers(
            Storing.ToBob().WithHead(head => head with { Contact = null })).Status);

    [Fact]
    public void The_sender_refreshes()
    {
        var storing = new Storing();

        var response = storing.Answers(Storing.ToBob().With("Supported", "timer"));

        Assert.Equal("1800;refresher=uac", response.Headers.First("Session-Expires"));
        Assert.Equal(start + policy.SessionInterval, storing.Leg.SessionExpiresAt);
    }

    [Fact]
    public void A_copy_of_the_invite_gets_the_same_answer()
    {
        var storing = new Storing();
        var first = storing.Answers(Storing.ToBob());

        var copy = storing.Answers(Storing.ToBob().WithHead(head => head with { Transaction = "t2", LocalTag = "new" }));

        Assert.Equal(("t2", "local-carol"), (copy.Transaction, copy.ToTag));
        Assert.Equal(first.Body, copy.Body);

        storing.Acknowledges();
        Assert.Equal(SipStatus.LoopDetected, storing.Answers(Storing.ToBob()).Status);
    }

    [Fact]
    public void Another_call_under_the_same_id_is_none() =>
        Assert.Equal(SipStatus.NoSuchDialog, Storing.Deposit().Answers(
            Storing.ToBob().WithHead(head => head with { CallId = "another" })).Status);

    [Fact]
    public void A_body_of_several_parts_has_the_offer_in_it()
    {
        var sdp = Encoding.UTF8.GetString(Sdp(carol));
        var body = "--b\r\nContent-Type: application/resource-lists+xml\r\n\r\n<resource-lists/>\r\n"
            + $"--b\r\nContent-Type: application/sdp\r\n\r\n{sdp}\r\n--b--\r\n";
        var request = Storing.ToBob().WithHead(head => head with
        {
            Headers = SipHeaders.Of(("Content-Type", "multipart/mixed;boundary=b")),
        }) with
        { Body = Encoding.UTF8.GetBytes(body) };

        Assert.Equal(SipStatus.Ok, new Storing().Answers(request).Status);
    }

    [Theory]
    [InlineData("text/plain", "", 415)]
    [InlineData("nonsense", "", 400)]
    [InlineData("multipart/mixed;boundary=none", "", 400)]
    [InlineData("application/sdp", "br", 415)]
    [InlineData("application/sdp", "gzip", 400)]
    public void A_body_that_cannot_be_read_is_refused(string type, string coding, int code)
    {
        var headers = SipHeaders.Of(("Content-Type", type));
        var request = Storing.ToBob().WithHead(head => head with
        {
            Headers = coding.Length == 0 ? headers : headers.With("Content-Encoding", coding),
        });

        Assert.Equal(code, new Storing().Answers(request).Status.Code);
    }

    [Fact]
    public void A_body_beyond_all_measure_is_refused() =>
        Assert.Equal(SipStatus.RequestEntityTooLarge, new Storing().Answers(
            Storing.ToBob(sdp: new string('a', 65_537))).Status);

    [Fact]
    public void What_goes_with_each_message_says_who_sent_it()
    {
        var storing = Storing.Deposit(Storing.ToBob().With("Subject", "Snow"));

        var deposit = storing.State!.Deposit!;
        Assert.Equal((carol, "Snow", false), (deposit.Sender, deposit.Subject, deposit.IsAnonymous));
        var invite = deposit.Invite.Text();
        Assert.StartsWith("INVITE sip:bob@example.com SIP/2.0\r\nFrom: ", invite, StringComparison.Ordinal);
        Assert.Contains("\r\nP-Asserted-Identity: <sip:carol@example.net>\r\n", invite, StringComparison.Ordinal);
        Assert.Contains("\r\nSubject: Snow\r\n", invite, StringComparison.Ordinal);
    }

    [Fact]
    public void Who_hides_is_in_nothing_that_is_kept_of_the_invite()
    {
        var storing = Storing.Deposit(Storing.ToBob() with { IsAnonymous = true });

        var deposit = storing.State!.Deposit!;
        Assert.Equal((carol, true), (deposit.Sender, deposit.IsAnonymous));
        Assert.Equal([carol.Text, "sip:anonymous@anonymous.invalid"], deposit.Identities);
        var head = deposit.Invite.Text().Split("\r\n\r\n")[0];
        Assert.DoesNotContain("sip:carol@", head, StringComparison.Ordinal);
        Assert.Contains("sip:anonymous@anonymous.invalid", head, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Call sip:carol@example.net", "")]
    [InlineData("Snow", "Snow")]
    public void The_subject_of_who_hides_does_not_name_him(string subject, string kept)
    {
        var request = Storing.ToBob().With("Subject", subject) with { IsAnonymous = true };

        Assert.Equal(kept, Storing.Deposit(request).State!.Deposit!.Subject);
    }

    [Fact]
    public void Who_was_given_a_name_by_his_focus_speaks_by_that()
    {
        var nobody = Uri("sip:anonymous1@anonymous.invalid");
        var request = Storing.ToBob().WithHead(head => head with { From = new(nobody, null, ";tag=1") });

        var storing = Storing.Deposit(request with { IsAnonymous = true });

        Assert.Contains(nobody.Text, storing.State!.Deposit!.Identities);
    }

    [Fact]
    public void A_conference_speaks_for_whoever_is_in_it()
    {
        var group = Storing.ToBob(skiers).WithHead(head => head with
        {
            Contact = Address("<sip:c0ffee@im.example.com>;isfocus;+g.oma.sip-im"),
            IsTrusted = true,
        }) with
        { Callers = [carol, skiers], IsAnonymous = true };

        // It calls for many.
        var storing = new Storing { Waiting = new() { SessionsOfCaller = 50 } };
        var outcome = storing.Arrives(group);

        Assert.Equal((skiers, false), (storing.State!.Deposit!.Sender, storing.State.Deposit.IsAnonymous));
        Assert.Empty(outcome.Single<OpenLeg>().Identities);
        Assert.Equal(["message/cpim"], Storing.MediaOf(outcome.Single<Respond>().Body).AcceptTypes);
    }

    [Theory]
    [InlineData("sip:alice@example.com", true), InlineData("tel:+12015550123", true)]
    [InlineData("sip:skiers@groups.example.com", false)]
    public void A_phone_that_says_it_is_a_conference_speaks_for_itself(string from, bool isTrusted)
    {
        var forged = Storing.ToBob(Uri(from)).WithHead(head => head with
        {
            Contact = Address("<sip:c0ffee@im.example.com>;isfocus"),
            IsTrusted = isTrusted,
        });

        Assert.Equal([from], new Storing().Arrives(forged).Single<OpenLeg>().Identities);
    }

    [Fact]
    public void A_conference_without_a_type_of_ours_is_refused() =>
        Assert.Equal(SipStatus.NotAcceptableHere, new Storing().Answers(
            Storing.ToBob(skiers, Encoding.UTF8.GetString(Sdp(carol, types: "text/plain"))).WithHead(head => head with
            {
                Contact = Address("<sip:c0ffee@im.example.com>;isfocus"),
                IsTrusted = true,
            })).Status);
}
