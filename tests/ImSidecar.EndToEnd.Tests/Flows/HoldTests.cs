using ImSidecar.Client;
using ImSidecar.Client.Calls;
using ImSidecar.Client.Sip;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>IM 7.2.1.6 with RFC 3264 8.4: on hold and back, and changes of other shapes.</summary>
public class HoldTests(DemoProfile profile) : Flow(profile)
{
    public static MatrixTheoryData<string, string> Ways { get; } =
        new(["INVITE", "UPDATE"], ["inactive inactive", "sendonly recvonly", "recvonly sendonly"]);

    [Theory, Trait("Spec", "IM 7.2.1.6/3a"), MemberData(nameof(Ways))]
    public async Task On_hold_the_others_go_on_without_and_then_with_him(string method, string direction)
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);
        var parts = direction.Split(' ');
        var hears = parts[0] == "recvonly";

        var held = await ChangeAsync(bob, group[bob], method, parts[0]);
        Assert.Equal(200, await group.SayAsync(alice, "while he is away"));
        Assert.Equal("while he is away", (await group.HearAsync(carol)).Text);
        var said = await group.SayAsync(bob, "from afar");
        var back = await ChangeAsync(bob, group[bob], method, "sendrecv");
        Assert.Equal(200, await group.SayAsync(alice, "when he is back"));

        Assert.Equal((200, 200), (held.Status, back.Status));
        Assert.Contains($"a={parts[1]}\r\n", held.Text, StringComparison.Ordinal);
        Assert.DoesNotContain($"a={parts[1]}\r\n", back.Text, StringComparison.Ordinal);
        Assert.Equal(parts[0] == "sendonly" ? 200 : 403, said);
        if (hears)
            Assert.Equal("while he is away", (await group.HearAsync(bob)).Text);
        Assert.Equal("when he is back", (await group.HearAsync(bob)).Text);
    }

    [Fact, Trait("Spec", "RFC 3264 6.1")]
    public async Task Between_two_who_is_on_hold_cannot_be_reached()
    {
        var (alice, bob, _) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob]);

        await ChangeAsync(bob, group[bob], "UPDATE", "inactive");
        var refused = await group.SayAsync(alice, "hello?");
        await ChangeAsync(bob, group[bob], "UPDATE", "sendrecv");

        Assert.Equal((403, 200), (refused, await group.SayAsync(alice, "hello!")));
        Assert.Equal("hello!", (await group.HearAsync(bob)).Text);
    }

    [Fact, Trait("Spec", "RFC 3311 5.2")]
    public async Task An_inviter_may_move_before_anybody_has_accepted()
    {
        var (alice, bob, carol) = await RegisterThree();
        var starting = alice.StartGroup(DemoProfile.Factory, [bob.AddressOfRecord, carol.AddressOfRecord]);
        var ringing = await Next(bob.IncomingCalls);
        await ringing.RingAsync();
        var early = await Next(starting.Provisionals);
        while (early.Status != 180)
            early = await Next(starting.Provisionals);
        var dialog = Dialog.OfCaller(starting.Request, early)!;

        var refreshed = await Within(alice.SendAsync(InDialog(alice, dialog, "UPDATE")));
        var offered = await Within(alice.SendAsync(
            InDialog(alice, dialog, "UPDATE").WithBody("application/sdp", Bodies.Bytes(Bodies.Offer))));
        var call = (await Within(ringing.AcceptAsync()))!;

        Assert.Equal((200, 0), (refreshed.Status, refreshed.Body.Length));
        Assert.Equal((500, "An earlier INVITE has no answer yet"), (offered.Status, WarningOf(offered)));
        Assert.NotNull(offered["Retry-After"]);
        Assert.Equal(200, (await Within(starting.Final)).Status);
        await Within(call.Acknowledged);
    }

    [Theory, Trait("Spec", "RFC 3261 14.2"), InlineData(true), InlineData(false)]
    public async Task Without_offer_ours_comes_in_the_200_and_a_bad_answer_changes_nothing(bool isGood)
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);
        var call = group[bob];

        var answer = await Within(call.SendAsync("INVITE", headers: [("Contact", $"<{bob.ContactUri}>")]));
        var described = isGood ? Description(call, "sendrecv") : "v=0\n";
        var via = answer["Via"]!.Split("branch=")[0] + $"branch={Token.NewBranch()}";
        var ack = call.Dialog.CreateRequest("ACK", answer.CSeq)
            .WithBody("application/sdp", Bodies.Bytes(described))
            .AddFirst("Via", via);
        await bob.SendBytesAsync(SipCodec.Write(ack));

        Assert.Equal((200, "application/sdp"), (answer.Status, answer["Content-Type"]));
        Assert.Equal(200, (await Within(call.UpdateAsync())).Status);
        Assert.Equal(200, await group.SayAsync(alice, "as before"));
        Assert.Equal("as before", (await group.HearAsync(bob)).Text);
    }

    private static SipMessage InDialog(Handset handset, Dialog dialog, string method) =>
        dialog.CreateRequest(method).Add("Contact", $"<{handset.ContactUri}>");

    private static async Task<SipMessage> ChangeAsync(Handset handset, Call call, string method, string direction)
    {
        var answer = await Within(call.SendAsync(
            method, headers: [("Contact", $"<{handset.ContactUri}>")],
            body: ("application/sdp", Bodies.Bytes(Description(call, direction)))));
        if (method == "INVITE" && answer.IsSuccess)
            call.Acknowledge(answer);
        return answer;
    }

    // The connection he has, and another direction.
    private static string Description(Call call, string direction) => Bodies.Offer
        .Replace("msrp://127.0.0.1:9/2s93i93idjkk;tcp", $"{call.Msrp!.Local}", StringComparison.Ordinal)
        .Replace("a=setup:active", $"a=setup:active\na={direction}", StringComparison.Ordinal);
}
