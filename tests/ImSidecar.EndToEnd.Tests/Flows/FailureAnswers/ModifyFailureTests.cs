using ImSidecar.Client;
using ImSidecar.Client.Calls;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.FailureAnswers;

/// <summary>IM 7.2.1.6 and 7.2.1.11: a change of the session that is refused changes nothing.</summary>
public class ModifyFailureTests(DemoProfile profile) : FailureFlow(profile)
{
    public static MatrixTheoryData<string, string> Ways { get; } = new(
        ["INVITE", "UPDATE"],
        [
            "m=message 9 TCP/MSRP *|m=audio 9 RTP/AVP 0",
            "m=message 9 TCP/MSRP *|m=message 9 TCP/TLS/MSRP *",
            "m=message 9 TCP/MSRP *|m=message 0 TCP/MSRP *",
            "accept-types:message/cpim|accept-types:text/html",
        ]);

    [Theory, Trait("Spec", "IM 7.2.1.6/1"), MemberData(nameof(Ways))]
    public async Task What_the_switch_cannot_do_is_refused_with_what_it_can(string method, string change)
    {
        var (group, alice, bob, carol) = await TalkAsync();
        var parts = change.Split('|');

        var answer = await Within(group[bob].SendAsync(
            method, headers: [Contact(bob)], body: Sdp(Spoiled(parts[0], parts[1]))));

        AssertRefused(answer, 488, ReasonAgainst(parts[1]));
        AssertTellsWhatIsSupported(answer);
        await AssertGoesOnAsync(group, alice, bob, carol);
    }

    [Theory, Trait("Spec", "RFC 4028 9"), InlineData("INVITE"), InlineData("UPDATE")]
    public async Task An_interval_too_small_is_refused_with_the_least(string method)
    {
        var (group, alice, bob, carol) = await TalkAsync();

        var answer = await Within(group[bob].SendAsync(
            method, headers: [Contact(bob), ("Supported", "timer"), ("Session-Expires", "89;refresher=uac")]));

        AssertRefused(answer, 422, "Session interval is too small");
        Assert.Equal("90", answer["Min-SE"]);
        await AssertGoesOnAsync(group, alice, bob, carol);
    }

    [Theory, Trait("Spec", "RFC 3261 12.2.2"), InlineData("INVITE"), InlineData("UPDATE"), InlineData("BYE")]
    [InlineData("REFER")]
    public async Task A_CSeq_of_the_past_is_out_of_order(string method)
    {
        var (group, alice, bob, carol) = await TalkAsync();

        var answer = await Within(group[alice].SendAsync(
            method, cseq: 1, headers: [Contact(alice), ("Refer-To", "<sip:dave@example.com>")]));

        AssertRefused(answer, 500, "CSeq is lower than that of an earlier request");
        await AssertGoesOnAsync(group, alice, bob, carol);
    }

    [Theory, Trait("Spec", "RFC 3261 12.2.2"), InlineData("INVITE"), InlineData("UPDATE"), InlineData("BYE")]
    [InlineData("REFER"), InlineData("SUBSCRIBE")]
    public async Task A_dialog_of_somebody_else_does_not_exist(string method)
    {
        var (group, alice, bob, carol) = await TalkAsync();
        var dave = await Register("dave");
        var request = dave.CreateRequest(method, group.SessionIdentity)
            .Set("To", $"<{group.SessionIdentity}>;tag={group[alice].Dialog.RemoteTag}")
            .Add("Contact", $"<{dave.ContactUri}>")
            .Add("Event", "conference")
            .Add("Refer-To", "<sip:dave@example.com>");

        AssertRefused(await Within(dave.SendAsync(request)), 481, "Dialog does not exist");
        await AssertGoesOnAsync(group, alice, bob, carol);
    }

    [Theory, Trait("Spec", "RFC 3261 8.2.1"), InlineData("INFO"), InlineData("MESSAGE"), InlineData("PUBLISH")]
    public async Task A_method_we_do_not_know_is_refused_with_those_we_do(string method)
    {
        var (group, alice, bob, carol) = await TalkAsync();

        var answer = await Within(group[alice].SendAsync(method));

        AssertRefused(answer, 405, $"Method {method} is not supported here");
        Assert.Equal("INVITE, ACK, BYE, CANCEL, OPTIONS, REFER, SUBSCRIBE, UPDATE", answer["Allow"]);
        await AssertGoesOnAsync(group, alice, bob, carol);
    }

    [Theory, Trait("Spec", "RFC 3261 8.2.2.3"), InlineData("INVITE"), InlineData("UPDATE"), InlineData("BYE")]
    public async Task An_extension_we_do_not_know_is_refused_by_name(string method)
    {
        var (group, alice, bob, carol) = await TalkAsync();

        var answer = await Within(group[bob].SendAsync(method, headers: [Contact(bob), ("Require", "teleport")]));

        AssertRefused(answer, 420, "Required extension is not supported");
        Assert.Equal("teleport", answer["Unsupported"]);
        await AssertGoesOnAsync(group, alice, bob, carol);
    }

    [Fact, Trait("Spec", "RFC 3311 5.2")]
    public async Task An_offer_before_the_answer_to_ours_is_too_early()
    {
        var (alice, bob, _) = await RegisterThree();
        var starting = alice.StartGroup(
            DemoProfile.Factory, [bob.AddressOfRecord], new() { Offer = SdpOffer.Late, SendsAck = false });
        var bobs = await Group.AcceptAsync(bob);
        var call = await Within(starting.Answered);

        var answer = await Within(call.SendAsync("UPDATE", headers: [Contact(alice)], body: Sdp(Bodies.Offer)));
        call.Acknowledge(call.Answer);

        AssertRefused(answer, 491, "An offer of ours has no answer yet");
        Assert.Equal(200, (await Within(bobs.ReinviteAsync())).Status);
        Assert.False(call.Ended.IsCompleted);
    }

    private static (string, string) Contact(Handset handset) => ("Contact", $"<{handset.ContactUri}>");

    private async Task<(Group Group, Handset Alice, Handset Bob, Handset Carol)> TalkAsync()
    {
        var (alice, bob, carol) = await RegisterThree();
        return (await Group.StartAsync(alice, [bob, carol]), alice, bob, carol);
    }
}
