using System.Text;
using ImSidecar.Client.Calls;
using ImSidecar.Client.Sip;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.FailureAnswers;

/// <summary>IM 7.2.1.2: what an INVITE to the factory is refused for. Nobody it names is called.</summary>
public class SetupFailureTests(DemoProfile profile) : FailureFlow(profile)
{
    private const string Bob = "sip:bob@example.com";

    public static TheoryData<string, string> BadLists => new()
    {
        { "", "Recipient list is missing" },
        { "<resource-lists", "Recipient list is not well-formed XML without DTD" },
        { "<!DOCTYPE x [<!ENTITY a \"b\">]>\n" + Bodies.List, "Recipient list is not well-formed XML without DTD" },
        { "<other/>", "Not a resource-lists document" },
        { OfUri("sip:alice@example.com"), "Recipient list names nobody to invite" },
        { OfUri("mailto:bob@example.com"), "Recipient list holds a malformed URI" },
        { OfUri(""), "A recipient has no URI" },
    };

    public static TheoryData<string, string, int, string> BadHeaders => new()
    {
        { "Session-Expires", "60", 422, "Session interval is too small" },
        { "Require", "recipient-list-invite, teleport", 420, "Required extension is not supported" },
    };

    [Fact, Trait("Spec", "IM 7.2.1.2/1"), Trait("Spec", "IM 11.1")]
    public async Task Another_factory_does_not_exist()
    {
        var (alice, bob, _) = await RegisterThree();

        var answer = await Refusal(alice, [bob.AddressOfRecord], uri: "sip:other-factory@im.example.com");

        AssertRefused(answer, 404, "Conference-factory URI does not exist");
        AssertNobodyRings(bob);
    }

    [Fact, Trait("Spec", "IM 7.2.1.2/2-a"), Trait("Spec", "IM 7.2.1.2/2-b")]
    public async Task Who_is_barred_starts_nothing()
    {
        var mallory = await Register("mallory");
        var bob = await Register("bob");

        AssertRefused(await Refusal(mallory, [Bob]), 403, "User is barred from the IM service");
        AssertNobodyRings(bob);
    }

    [Fact, Trait("Spec", "IM 7.2.1.2/2-a"), Trait("Spec", "IM 7.2.1.2/2-b")]
    public async Task Whom_nobody_vouches_for_starts_nothing()
    {
        var bob = await Register("bob");

        var answer = await Within(Stranger("somebody").StartGroup(DemoProfile.Factory, [Bob], hop: Core).Final);

        AssertRefused(answer, 403, "Originator not authenticated");
        AssertNobodyRings(bob);
    }

    [Theory, Trait("Spec", "IM 7.2.1.2/6"), MemberData(nameof(BadOffers))]
    public async Task What_the_switch_cannot_do_is_refused_with_what_it_can(string right, string wrong)
    {
        var answer = await RefusedAsync(new() { RawBody = Bodies.Multipart(Spoiled(right, wrong)) });

        AssertRefused(answer, 488, ReasonAgainst(wrong));
        AssertTellsWhatIsSupported(answer);
    }

    [Fact, Trait("Spec", "IM 7.2.1.2/7")]
    public async Task Ten_may_attend_but_not_eleven()
    {
        var (alice, bob, _) = await RegisterThree();

        var answer = await Refusal(alice, [Bob, .. Enumerable.Range(1, 9).Select(i => $"sip:user{i}@example.com")]);

        AssertRefused(answer, 486, "Too many participants");
        AssertNobodyRings(bob);
    }

    [Theory, Trait("Spec", "RFC 5366 6"), MemberData(nameof(BadLists))]
    public async Task A_list_that_names_nobody_is_refused(string list, string warning)
    {
        var body = list.Length == 0 ? Sdp(Bodies.Offer) : Bodies.Multipart(list: list);

        AssertRefused(await RefusedAsync(new() { RawBody = body }), 400, warning);
    }

    [Theory, Trait("Spec", "RFC 4028 9"), MemberData(nameof(BadHeaders))]
    public async Task A_header_asks_for_what_we_do_not_do(string name, string value, int status, string warning)
    {
        var answer = await RefusedAsync(new() { Headers = [(name, value)] });

        AssertRefused(answer, status, warning);
        Assert.Equal(status == 422 ? "90" : null, answer["Min-SE"]);
        Assert.Equal(status == 420 ? "teleport" : null, answer["Unsupported"]);
    }

    [Theory, Trait("Spec", "RFC 3261 8.2.3")]
    [InlineData("text/plain", "Body type text/plain is not supported")]
    [InlineData("multipart/related;boundary=b", "Body type multipart/related is not supported")]
    public async Task A_body_we_cannot_read_is_refused_with_those_we_can(string type, string warning)
    {
        var answer = await RefusedAsync(new() { RawBody = (type, "hello"u8.ToArray()) });

        AssertRefused(answer, 415, warning);
        Assert.Equal("application/sdp, application/resource-lists+xml, multipart/mixed", answer["Accept"]);
    }

    [Theory, Trait("Spec", "RFC 3261 8.2.3")]
    [InlineData("compress", 415, "Content-Encoding is not supported")]
    [InlineData("deflate", 400, "Body does not match its Content-Encoding")]
    public async Task A_coding_we_cannot_undo_is_refused(string coding, int status, string warning)
    {
        var body = Bodies.Multipart(Bodies.Offer, Encoding.UTF8.GetBytes(Bodies.List), coding);

        var answer = await RefusedAsync(new() { RawBody = body });

        AssertRefused(answer, status, warning);
        Assert.Equal(status == 415 ? "identity, deflate, gzip" : null, answer["Accept-Encoding"]);
    }

    [Fact, Trait("Spec", "IM 7.2.1.2/fail-1")]
    public async Task When_all_refuse_the_inviter_is_told_so()
    {
        var (alice, bob, carol) = await RegisterThree();

        var starting = alice.StartGroup(DemoProfile.Factory, [Bob, carol.AddressOfRecord]);
        await (await Next(bob.IncomingCalls)).RejectAsync(603);
        await (await Next(carol.IncomingCalls)).RejectAsync(486);

        AssertRefused(await Within(starting.Final), 486, "No invited user accepted");
    }

    [Fact, Trait("Spec", "IM 7.2.1.2/fail-2")]
    public async Task When_the_last_one_is_gone_before_the_others_answer_the_inviter_is_sent_away()
    {
        var (alice, bob, carol) = await RegisterThree();

        var starting = alice.StartGroup(DemoProfile.Factory, [Bob, carol.AddressOfRecord]);
        var carolRings = await Next(carol.IncomingCalls);
        var bobs = await Group.AcceptAsync(bob);
        var call = await Within(starting.Answered);
        Assert.Equal(200, (await Within(bobs.ByeAsync())).Status);
        await carolRings.RejectAsync(486);

        Assert.Equal(CallEndedBy.Peer, (await Within(call.Ended)).By);
        AssertRefused(await AnswerTo(alice, call.SessionIdentity), 403, "Session does not exist");
    }

    private static string OfUri(string uri) =>
        Bodies.List.Replace("sip:bob@example.com", uri, StringComparison.Ordinal);

    // Bob does not ring, and is free for the next session.
    private async Task<SipMessage> RefusedAsync(InviteOptions options)
    {
        var (alice, bob, _) = await RegisterThree();
        var answer = await Refusal(alice, [Bob], options);
        AssertNobodyRings(bob);

        await Group.StartAsync(alice, [bob]);
        return answer;
    }
}
