using ImSidecar.Client;
using ImSidecar.Client.Calls;
using ImSidecar.Client.Sip;
using ImSidecar.Client.Subscriptions;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.ResourceLists;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.FailureAnswers;

/// <summary>IM 7.2.1.7 and 7.2.1.8: a REFER that is refused. Nobody is called, nobody is sent away.</summary>
public class ReferFailureTests(DemoProfile profile) : FailureFlow(profile)
{
    private const string Dave = "<sip:dave@example.com>";
    private const string RemoveCarol = "<sip:carol@example.com;method=BYE>";

    public static TheoryData<string, string> BadTargets => new()
    {
        { "<sip:dave@example.com;method=SUBSCRIBE>", "Refer-To asks for neither INVITE nor BYE alone" },
        { "<http://example.com/>", "Refer-To is malformed" },
        { "<cid:nowhere@example.com>", "Refer-To names no list of the body" },
        { "<sip:a@example.com>, <sip:b@example.com>", "Refer-To must occur once" },
    };

    [Theory, Trait("Spec", "RFC 3515 2.4.2"), MemberData(nameof(BadTargets))]
    public async Task What_cannot_be_referred_to_is_refused(string referTo, string warning)
    {
        var (group, alice, bob, carol, dave) = await TalkAsync();

        AssertRefused(await Within(group[alice].ReferAsync(referTo)), 400, warning);
        await AssertNothingCameOfItAsync(group, alice, bob, carol, dave);
    }

    [Theory, Trait("Spec", "RFC 5368 5")]
    [InlineData("<resource-lists", "Recipient list is not well-formed XML without DTD")]
    [InlineData("<resource-lists xmlns=\"urn:ietf:params:xml:ns:resource-lists\"/>", "Recipient list names nobody")]
    public async Task A_list_that_names_nobody_is_refused(string list, string warning)
    {
        var (group, alice, bob, carol, dave) = await TalkAsync();

        var answer = await Within(group[alice].ReferAsync(
            "<cid:who@example.com>", [("Content-ID", "<who@example.com>")],
            (ResourceListXml.MediaType, System.Text.Encoding.UTF8.GetBytes(list))));

        AssertRefused(answer, 400, warning);
        await AssertNothingCameOfItAsync(group, alice, bob, carol, dave);
    }

    [Fact, Trait("Spec", "IM 7.2.1.7/1-a"), Trait("Spec", "IM 7.2.1.7/1-b")]
    [Trait("Spec", "IM 7.2.1.8/2b-i-a"), Trait("Spec", "IM 7.2.1.8/2b-i-b")]
    public async Task Who_does_not_take_part_neither_adds_nor_removes()
    {
        var (group, alice, bob, carol, dave) = await TalkAsync();
        var erin = await Register("erin");
        var session = group.SessionIdentity;

        AssertRefused(await ReferAsync(erin, session, Dave), 403, "Not a participant");
        AssertRefused(await ReferAsync(erin, session, RemoveCarol), 403, "Not a participant");
        AssertRefused(await ReferAsync(erin, session, $"<{session};method=BYE>"), 403, "Not a participant");
        await AssertNothingCameOfItAsync(group, alice, bob, carol, dave);
    }

    [Theory, Trait("Spec", "IM 7.2.1.7/1-a"), Trait("Spec", "IM 7.2.1.8/1-a")]
    [InlineData(Dave), InlineData(RemoveCarol)]
    public async Task Whom_nobody_vouches_for_refers_nobody(string referTo)
    {
        var (group, alice, bob, carol, dave) = await TalkAsync();
        var referring = Stranger("somebody").Subscribe(
            group.SessionIdentity, SubscribeOptions.ToReferral(referTo), Core);

        AssertRefused(await Within(referring.Answered), 403, "Originator not authenticated");
        await AssertNothingCameOfItAsync(group, alice, bob, carol, dave);
    }

    [Fact, Trait("Spec", "IM 11.2")]
    public async Task A_session_that_is_none_takes_no_REFER()
    {
        var alice = await Register("alice");

        AssertRefused(await ReferAsync(alice, Nowhere, Dave), 404, "Conference URI does not exist");
        AssertRefused(await ReferAsync(alice, Skiers, Dave), 404, "Conference URI does not exist");
    }

    [Fact, Trait("Spec", "IM 7.2.1.7/1-a"), Trait("Spec", "IM 7.2.1.7/1-b")]
    public async Task A_session_of_two_takes_nobody_else()
    {
        var (alice, bob, _) = await RegisterThree();
        var dave = await Register("dave");
        var group = await Group.StartAsync(alice, [bob]);

        var answer = await Within(group[alice].ReferAsync(Dave));

        AssertRefused(answer, 403, "A one-to-one session takes nobody else");
        await AssertNothingCameOfItAsync(group, alice, bob, dave);
    }

    [Fact, Trait("Spec", "IM 7.2.1.7/1-a"), Trait("Spec", "IM 7.2.1.8/1-a"), Trait("Spec", "IM 7.2.1.8/1-b")]
    public async Task In_a_pre_defined_group_the_warning_names_what_is_missing()
    {
        var (alice, bob, carol) = await RegisterThree();
        await Owner.PutGroupAsync(GroupOfThree);
        var group = Group.Of((alice, await JoinAsync(alice)), (bob, await JoinAsync(bob)));
        await group.ConnectedAsync();

        var adds = await Within(group[alice].ReferAsync("<sip:carol@example.com>"));
        var removes = await Within(group[alice].ReferAsync("<sip:bob@example.com;method=BYE>"));

        AssertRefused(adds, 403, "allow-invite-users-dynamically is false by default");
        AssertRefused(removes, 403, "allow-expelling is false by default");
        await AssertNothingCameOfItAsync(group, alice, bob, carol);
    }

    [Fact, Trait("Spec", "IM 7.2.1.7/4")]
    public async Task A_full_session_takes_no_more()
    {
        var (group, alice, bob, carol, dave) = await TalkAsync();
        ResourceListEntry[] many =
        [
            new("sip:dave@example.com"),
            .. Enumerable.Range(0, 7).Select(i => new ResourceListEntry($"sip:u{i}@example.com")),
        ];

        var answer = await Within(group[alice].ReferAsync(
            "<cid:many@example.com>", [("Content-ID", "<many@example.com>")],
            (ResourceListXml.MediaType, ResourceListXml.Write(new([.. many])))));

        AssertRefused(answer, 486, "Too many participants");
        await AssertNothingCameOfItAsync(group, alice, bob, carol, dave);
    }

    [Fact, Trait("Spec", "IM 7.2.1.8/1-a"), Trait("Spec", "IM 7.2.1.8/1-b")]
    public async Task Only_who_started_the_session_removes_others()
    {
        var (group, alice, bob, carol, dave) = await TalkAsync();

        var answer = await Within(group[bob].ReferAsync(RemoveCarol));

        AssertRefused(answer, 403, "Only who started the session may remove others");
        await AssertNothingCameOfItAsync(group, alice, bob, carol, dave);
    }

    [Theory, Trait("Spec", "IM 7.2.1.8/2b"), Trait("Spec", "IM 7.2.1.8/2b-i-a"), Trait("Spec", "IM 7.2.1.8/2b-i-b")]
    [InlineData("<sip:dave@example.com;method=BYE>"), InlineData($"<{Nowhere};method=BYE>")]
    public async Task Who_is_not_there_cannot_be_removed(string referTo)
    {
        var (group, alice, bob, carol, dave) = await TalkAsync();

        var answer = await Within(group[alice].ReferAsync(referTo));

        AssertRefused(answer, 403, "Refer-To names nobody in the session");
        await AssertNothingCameOfItAsync(group, alice, bob, carol, dave);
    }

    private static Task<SipMessage> ReferAsync(Handset handset, string uri, string referTo) =>
        Within(handset.Subscribe(uri, SubscribeOptions.ToReferral(referTo)).Answered);

    // The last of them is the one who was to be called.
    private static async Task AssertNothingCameOfItAsync(Group group, params Handset[] handsets)
    {
        await AssertGoesOnAsync(group, handsets[..^1]);
        AssertNobodyRings(handsets[^1]);
    }

    private async Task<(Group Group, Handset Alice, Handset Bob, Handset Carol, Handset Dave)> TalkAsync()
    {
        var (alice, bob, carol) = await RegisterThree();
        var dave = await Register("dave");
        return (await Group.StartAsync(alice, [bob, carol]), alice, bob, carol, dave);
    }
}
