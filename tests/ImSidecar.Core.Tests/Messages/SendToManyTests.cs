using ImSidecar.Core.Conferences;
using ImSidecar.Core.Messages;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Tests.Messages;

/// <summary>A MESSAGE to the list server, RFC 5365 7, or to a group.</summary>
public class SendToManyTests
{
    private static Respond Refusal(MessageRequest request, Facts? facts = null)
    {
        var outcome = new Sending(facts).Arrives(request);
        Assert.Null(outcome.Next);
        return Assert.IsType<Respond>(Assert.Single(outcome.Effects));
    }

    private static void AssertRefused(Respond refusal, SipStatus status, string warning) =>
        Assert.Equal((status, warning), (refusal.Status, refusal.Warning));

    [Fact, Trait("Spec", "RFC 5365 7.2")]
    public void A_message_to_a_list_is_accepted_and_goes_to_each_of_it()
    {
        var sending = new Sending();
        var outcome = sending.Arrives(Sending.ToList(alice, bob.Text, carol.Text).With("Subject", "Snow"));

        Assert.Equal(SipStatus.Accepted, Assert.IsType<Respond>(outcome.Effects[0]).Status);
        var sent = sending.Sent(outcome);
        Assert.Equal([bob, carol], sent.Select(each => each.Uri));
        Assert.All(sent, each =>
        {
            Assert.Equal("MESSAGE", each.Method);
            Assert.Equal("<sip:alice@example.com>", each.From);
            Assert.Equal("<sip:alice@example.com>", each.Headers.First("P-Asserted-Identity"));
            Assert.Equal("*;+g.oma.sip-im;require;explicit", each.Headers.First("Accept-Contact"));
            Assert.Equal("Snow", each.Headers.First("Subject"));
            Assert.Equal("Fri, 20 Nov 2026 09:30:00 GMT", each.Headers.First("Date"));
            Assert.Equal("text/plain", each.Headers.First("Content-Type"));
            Assert.Null(each.Headers.First("Privacy"));
            Assert.Equal("Hi", each.Body.Text());
        });
        Assert.Equal(2, sent.Select(each => each.CallId).Distinct().Count());
    }

    [Fact, Trait("Spec", "RFC 5363 4")]
    public void Who_is_named_twice_gets_it_once()
    {
        var sending = new Sending();
        var outcome = sending.Arrives(Sending.ToList(
            alice, "sip:bob@example.com", "sip:bob@EXAMPLE.com;transport=tcp", "tel:+15551234",
            "sip:+15551234@example.net;user=phone"));

        Assert.Equal(
            ["sip:bob@example.com", "tel:+15551234"], sending.Sent(outcome).Select(each => each.Uri.Text));
    }

    [Fact, Trait("Spec", "RFC 5364 5")]
    public void Recipients_see_those_who_are_not_hidden_from_them()
    {
        var sending = new Sending();
        var outcome = sending.Arrives(Sending.ToList(
            alice,
            "<entry uri=\"sip:bob@example.com\" cp:copyControl=\"to\"/>",
            "<entry uri=\"sip:carol@example.net\" cp:copyControl=\"cc\" cp:anonymize=\"true\"/>",
            "<entry uri=\"sip:dave@example.net\" cp:copyControl=\"bcc\"/>"));

        var sent = sending.Sent(outcome)[0];
        var body = sent.Body.Text();
        Assert.Equal(3, sending.Sent(outcome).Length);
        Assert.StartsWith("multipart/mixed;boundary=", sent.Headers.First("Content-Type"), StringComparison.Ordinal);
        Assert.Contains(
            "Content-Disposition: recipient-list-history;handling=optional", body, StringComparison.Ordinal);
        Assert.Contains("sip:bob@example.com", body, StringComparison.Ordinal);
        Assert.DoesNotContain("carol", body, StringComparison.Ordinal);
        Assert.DoesNotContain("dave", body, StringComparison.Ordinal);
        Assert.Contains(
            "uri=\"sip:anonymous@anonymous.invalid\" cp:copyControl=\"cc\" cp:count=\"1\"", body,
            StringComparison.Ordinal);
    }

    [Fact, Trait("Spec", "RFC 3323 4.1")]
    public void The_name_of_one_who_hides_goes_nowhere()
    {
        var sending = new Sending();
        var outcome = sending.Arrives(Sending.ToList(alice, bob.Text).With("Privacy", "id"));

        var sent = Assert.Single(sending.Sent(outcome));
        Assert.Equal("\"Anonymous\" <sip:anonymous@anonymous.invalid>", sent.From);
        Assert.Equal($"<{factory}>", sent.Headers.First("P-Asserted-Identity"));
        Assert.Equal("id", sent.Headers.First("Privacy"));
        Assert.DoesNotContain("alice", string.Join('\n', sent.Headers) + sent.From + sent.To, StringComparison.Ordinal);
    }

    [Fact]
    public void A_message_to_a_group_goes_to_its_members_but_the_sender()
    {
        var sending = new Sending(With(GroupOfThree));
        var outcome = sending.Arrives(Sending.ToGroup(alice));

        var sent = sending.Sent(outcome);
        Assert.Equal([bob, carol], sent.Select(each => each.Uri));
        Assert.All(
            sent, each => Assert.Equal(("<sip:skiers@groups.example.com>", "Hi all"), (each.To, each.Body.Text())));
    }

    [Fact]
    public void Whom_the_operator_bars_gets_nothing_and_sends_nothing()
    {
        var barring = policy with { Barred = [bob.PersonKey] };
        var sending = new Sending(With(GroupOfThree) with { Operator = barring });

        Assert.Equal([carol], sending.Sent(sending.Arrives(Sending.ToGroup(alice))).Select(each => each.Uri));
        AssertRefused(
            Refusal(Sending.ToGroup(bob), With(GroupOfThree) with { Operator = barring }), SipStatus.Forbidden,
            "User is barred from the IM service");
        AssertRefused(
            Refusal(Sending.ToList(alice, bob.Text), With(barring)), SipStatus.Forbidden,
            "User is barred from the IM service");
        AssertRefused(
            Refusal(Sending.ToList(mallory, bob.Text)), SipStatus.Forbidden, "User is barred from the IM service");
    }

    [Fact]
    public void The_same_message_once_more_is_accepted_and_goes_to_nobody()
    {
        var sending = new Sending();
        sending.Arrives(Sending.ToList(alice, bob.Text));
        var before = sending.State;

        var outcome = sending.Arrives(Sending.ToList(alice, bob.Text));

        Assert.Equal(SipStatus.Accepted, outcome.Single<Respond>().Status);
        Assert.Single(outcome.Effects);
        Assert.Same(before, sending.State);
    }

    [Fact]
    public void Who_may_not_is_refused_with_the_reason()
    {
        var nobody = Sending.ToList(alice, bob.Text);
        AssertRefused(
            Refusal(nobody.WithHead(head => head with { Identities = [] })), SipStatus.Forbidden,
            "Originator not authenticated");
        Assert.True(UserList.TryParse(["bob.example"], out var others));
        AssertRefused(
            Refusal(nobody, With(policy with { MayStart = others })), SipStatus.Forbidden,
            "User may not start a session");
        AssertRefused(
            Refusal(Sending.ToGroup(alice), NoFacts with { Group = GroupFacts.None }), SipStatus.NotFound,
            "Conference URI does not exist");
        Assert.Equal(SipStatus.Forbidden, Refusal(Sending.ToGroup(dave), With(GroupOfThree)).Status);
        AssertRefused(
            Refusal(Sending.ToGroup(alice), NoFacts with { Group = GroupFacts.Unusable("Group cannot be read") }),
            SipStatus.Forbidden, "Group cannot be read");
    }

    [Fact]
    public void What_is_too_much_is_refused()
    {
        AssertRefused(
            Refusal(Sending.ToList(alice, bob.Text, carol.Text), With(policy with { MaxMessageRecipients = 1 })),
            SipStatus.Forbidden, "Too many recipients");
        AssertRefused(
            Refusal(Sending.ToList(alice, bob.Text), With(policy with { MaxPageMessageBytes = 1 })),
            SipStatus.RequestEntityTooLarge, "Message is larger than 1 bytes");
        AssertRefused(
            Refusal(Sending.ToGroup(alice, new string('x', 300)), With(GroupOfThree) with
            {
                Operator = policy with { MaxPageMessageBytes = 299 },
            }),
            SipStatus.RequestEntityTooLarge, "Message is larger than 299 bytes");
        AssertRefused(
            Refusal(Sending.ToList(alice, bob.Text), NoFacts with { MessagesHeld = 10_000 }),
            SipStatus.ServiceUnavailable, "Too many messages under way");
        AssertRefused(
            Refusal(Sending.ToList(alice, bob.Text), NoFacts with { MessagesOfSender = 1000 }),
            SipStatus.Forbidden, "Too many messages of this user under way");
    }

    [Fact]
    public void What_cannot_be_read_is_refused()
    {
        var plain = new MessageRequest(Head("MESSAGE", alice, factory)) { Body = "Hi"u8.ToArray() };
        AssertRefused(
            Refusal(plain), SipStatus.BadRequest, "Content-Type is missing or malformed");
        AssertRefused(
            Refusal(plain.With("Content-Type", "text/plain")), SipStatus.BadRequest, "Recipient list is missing");
        AssertRefused(
            Refusal(plain.With("Content-Type", "multipart/mixed;boundary=b")), SipStatus.BadRequest,
            "Multipart body is malformed");
        AssertRefused(Refusal(plain with { Body = default }), SipStatus.BadRequest, "Message is empty");
        AssertRefused(
            Refusal(Sending.WithList(alice, "Content-Type: text/plain\r\n\r\n", bob.Text)), SipStatus.BadRequest,
            "Message is empty");
        AssertRefused(
            Refusal(Sending.ToList(alice, "mailto:bob@example.com")), SipStatus.BadRequest,
            "Recipient list holds a malformed URI");
        AssertRefused(Refusal(Sending.ToList(alice)), SipStatus.BadRequest, "Recipient list names nobody");
        AssertRefused(
            Refusal(Sending.ToGroup(alice).With("Content-Encoding", "br"), With(GroupOfThree)),
            SipStatus.UnsupportedMediaType, "Content-Encoding is not supported");
        AssertRefused(
            Refusal(Sending.ToGroup(alice).With("Require", "recipient-list-message"), With(GroupOfThree)),
            SipStatus.BadRequest, "A group takes no recipient list");
        AssertRefused(
            Refusal(Sending.ToList(alice, bob.Text)
                .With("Date", "Fri, 20 Nov 2026 09:00:00 GMT").With("Expires", "60")),
            SipStatus.BadRequest, "Message has expired");
        AssertRefused(
            Refusal(Sending.ToList(alice, bob.Text).With("Privacy", "unheard-of;critical")),
            SipStatus.ServerInternalError, "Privacy of that kind is not supported");
        AssertRefused(
            Refusal(Sending.ToList(alice, bob.Text).WithHead(head => head with { To = new(factory, null, ";tag=x") })),
            SipStatus.NoSuchDialog, "Dialog does not exist");
    }

    [Fact]
    public void A_content_of_several_parts_stays_one_without_the_list()
    {
        var sending = new Sending();
        var outcome = sending.Arrives(Sending.WithList(
            alice, "Content-Type: text/plain\r\n\r\nHi\r\n--b\r\nContent-Type: image/png\r\n\r\nPNG", bob.Text));

        var sent = Assert.Single(sending.Sent(outcome));
        Assert.StartsWith("multipart/mixed", sent.Headers.First("Content-Type"), StringComparison.Ordinal);
        Assert.Contains("Content-Type: image/png\r\n\r\nPNG", sent.Body.Text(), StringComparison.Ordinal);
        Assert.DoesNotContain("resource-lists", sent.Body.Text(), StringComparison.Ordinal);
    }
}
