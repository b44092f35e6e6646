using ImSidecar.Client;
using ImSidecar.Client.Calls;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>Appendix M: alice and bob talk directly, and alice makes a conference of it with carol.</summary>
public class AppendixMTests(DemoProfile profile) : Flow(profile)
{
    [Fact, Trait("Spec", "IM M/intro"), Trait("Spec", "IM M/1"), Trait("Spec", "IM M/2"), Trait("Spec", "IM M/3")]
    public async Task A_session_of_two_becomes_one_of_three()
    {
        var (alice, bob, carol) = await RegisterThree();
        var (aliceDirect, bobDirect) = await CallDirectly(alice, bob);
        await Within(aliceDirect.Msrp!.SendAsync("text/plain", "just us"u8.ToArray()));
        Assert.Equal("just us", (await Next(bobDirect.Msrp!.Messages)).Text);

        var starting = alice.StartGroup(DemoProfile.Factory, [aliceDirect.ReplacingUri, carol.AddressOfRecord]);
        var bobRings = await Next(bob.IncomingCalls);
        Assert.Same(bobDirect, bobRings.Replaced);
        var bobCall = await Within(bobRings.AcceptAsync());
        var carolCall = await Group.AcceptAsync(carol);
        var group = Group.Of((alice, await Within(starting.Answered)), (bob, bobCall!), (carol, carolCall));
        await group.ConnectedAsync();

        Assert.Equal(CallEndedBy.Peer, (await Within(aliceDirect.Ended)).By);
        Assert.Equal(CallEndedBy.Us, (await Within(bobDirect.Ended)).By);
        Assert.Equal(200, await group.SayAsync(alice, "now we are three"));
        Assert.Equal("now we are three", (await group.HearAsync(bob)).Text);
        Assert.Equal("now we are three", (await group.HearAsync(carol)).Text);
        Assert.Equal(200, await group.SayAsync(bob, "hello Carol"));
        Assert.Equal("hello Carol", (await group.HearAsync(carol)).Text);
        Assert.Equal("hello Carol", (await group.HearAsync(alice)).Text);
    }

    [Fact, Trait("Spec", "IM M/replaces"), Trait("Spec", "IM M/5")]
    public async Task The_invitation_names_the_old_dialog_to_him_alone()
    {
        var (alice, bob, carol) = await RegisterThree();
        var (direct, _) = await CallDirectly(alice, bob);

        _ = alice.StartGroup(DemoProfile.Factory, [direct.ReplacingUri, carol.AddressOfRecord]);
        var toBob = (await AcceptNext(bob)).Invite;
        var toCarol = (await AcceptNext(carol)).Invite;

        Assert.Equal(
            $"{direct.CallId};to-tag={direct.Dialog.RemoteTag};from-tag={direct.LocalTag}", toBob["Replaces"]);
        Assert.True(toBob.Lists("Require", "replaces"));
        Assert.Equal("<sip:alice@example.com>", toBob["Referred-By"]);
        Assert.Contains(";isfocus", toBob["Contact"], StringComparison.Ordinal);
        Assert.Equal(bob.ContactUri, toBob.RequestUri);
        Assert.Null(toBob.ToTag);
        Assert.NotEqual(direct.CallId, toBob.CallId);
        Assert.Null(toCarol["Replaces"]);
        Assert.False(toCarol.Lists("Require", "replaces"));
    }

    [Theory, Trait("Spec", "IM M/3")]
    [InlineData("sip:bob@example.com;method=INVITE?Replaces: {0};to-tag={1};from-tag= {2}")]
    [InlineData("sip:bob@example.com?replaces={0};to-tag={1};from-tag={2}")]
    [InlineData("sip:bob@example.com?Subject=x&Replaces={0}%3Bfrom-tag%3D{2}%3Bto-tag%3D{1}")]
    public async Task Every_spelling_of_the_entry_reaches_him_as_one(string entry)
    {
        var (alice, bob, carol) = await RegisterThree();
        var (direct, replaced) = await CallDirectly(alice, bob);

        _ = alice.StartGroup(DemoProfile.Factory, [Spelt(entry, direct), carol.AddressOfRecord]);
        await AcceptNext(bob);

        Assert.Equal(CallEndedBy.Us, (await Within(replaced.Ended)).By);
        await AcceptNext(carol);
    }

    [Theory, Trait("Spec", "IM M/3")]
    [InlineData("bob@example.com;method=INVITE?Replaces: {0};to-tag={1};from-tag= {2}", "malformed URI")]
    [InlineData("sip: bob@example.com?Replaces={0};to-tag={1};from-tag={2}", "malformed URI")]
    [InlineData("sip:bob@example.com?Replaces={0};to-tag={1}", "malformed Replaces")]
    [InlineData("sip:bob@example.com?Replaces={0};to-tag={1};from-tag={2}&Replaces=x", "second Replaces for one user")]
    public async Task An_entry_that_cannot_be_read_is_told_without_what_it_holds(string entry, string fault)
    {
        var (alice, bob, carol) = await RegisterThree();
        var (direct, _) = await CallDirectly(alice, bob);

        var answer = await Refusal(alice, [Spelt(entry, direct), carol.AddressOfRecord]);

        Assert.Equal((400, "Recipient list holds a " + fault), (answer.Status, WarningOf(answer)));
        Assert.False(carol.IncomingCalls.TryPeek(out _));
    }

    [Fact, Trait("Spec", "IM M/replaces")]
    public async Task Swapped_tags_are_passed_on_and_name_no_dialog_of_his()
    {
        var (alice, bob, carol) = await RegisterThree();
        var (direct, replaced) = await CallDirectly(alice, bob);

        var starting = alice.StartGroup(
            DemoProfile.Factory,
            [Spelt("sip:bob@example.com?Replaces={0};to-tag={2};from-tag={1}", direct), carol.AddressOfRecord]);
        await AcceptNext(carol);
        await Within(starting.Answered);

        Assert.False(bob.IncomingCalls.TryPeek(out _));
        Assert.Contains(bob.Trace, record => record is { IsOutgoing: true, Message.Status: 481 });
        Assert.False(replaced.Ended.IsCompleted);
    }

    [Fact, Trait("Spec", "IM M/5")]
    public async Task A_handset_may_take_the_swapped_tags_of_the_text()
    {
        var alice = await Register("alice");
        var bob = await Register("bob", options: new() { User = "bob", TakesSwappedTags = true });
        var carol = await Register("carol");
        var (direct, replaced) = await CallDirectly(alice, bob);

        _ = alice.StartGroup(
            DemoProfile.Factory,
            [Spelt("sip:bob@example.com?Replaces={0};to-tag={2};from-tag={1}", direct), carol.AddressOfRecord]);
        await AcceptNext(bob);

        Assert.Equal(CallEndedBy.Us, (await Within(replaced.Ended)).By);
        await AcceptNext(carol);
    }

    [Theory, Trait("Spec", "IM M/replaces")]
    [InlineData(true, 481)]
    [InlineData(false, 420)]
    public async Task Who_cannot_replace_has_refused(bool supports, int status)
    {
        var alice = await Register("alice");
        var bob = await Register("bob", options: new() { User = "bob", SupportsReplaces = supports });
        var carol = await Register("carol");
        string[] list = ["sip:bob@example.com?Replaces=gone%3Bto-tag%3D1%3Bfrom-tag%3D2", carol.AddressOfRecord];

        var starting = alice.StartGroup(DemoProfile.Factory, list);
        await AcceptNext(carol);
        var call = await Within(starting.Answered);
        var watching = alice.Subscribe(call.SessionIdentity);
        var told = await ReadUntil(watching, each => each.Roster.Count == 2);

        Assert.Contains(bob.Trace, record => record.IsOutgoing && record.Message.Status == status);
        Assert.DoesNotContain(told[^1].Roster, user => user.Entity == bob.AddressOfRecord);
    }

    [Fact, Trait("Spec", "IM M/replaces")]
    public async Task Who_is_asked_alone_and_cannot_is_temporarily_unavailable()
    {
        var (alice, bob, _) = await RegisterThree();

        var answer = await Refusal(alice, ["sip:bob@example.com?Replaces=gone%3Bto-tag%3D1%3Bfrom-tag%3D2"]);

        Assert.Equal((480, "No invited user accepted"), (answer.Status, WarningOf(answer)));
        Assert.Contains(bob.Trace, record => record is { IsOutgoing: true, Message.Status: 481 });
    }

    [Fact, Trait("Spec", "IM M/replaces")]
    public async Task Who_is_added_by_REFER_replaces_too()
    {
        var (alice, bob, carol) = await RegisterThree();
        var dave = await Register("dave");
        var group = await Group.StartAsync(alice, [bob, carol]);
        var (direct, replaced) = await CallDirectly(alice, dave);

        Assert.Equal(202, (await Within(group[alice].ReferAsync($"<{direct.ReplacingUri}>"))).Status);
        await AcceptNext(dave);

        Assert.Equal(CallEndedBy.Us, (await Within(replaced.Ended)).By);
    }

    [Theory]
    [InlineData(null, 481)]
    [InlineData("replaces", 420)]
    public async Task Nobody_replaces_a_dialog_of_the_server(string? require, int status)
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);
        var dialog = group[bob].Dialog;
        var replaces = $"{dialog.CallId};to-tag={dialog.RemoteTag};from-tag={dialog.LocalTag}";

        var answer = await Refusal(
            alice, [], new() { Headers = [("Replaces", replaces), ("Require", require)] }, group.SessionIdentity);

        Assert.Equal(status, answer.Status);
        Assert.False(group[bob].Ended.IsCompleted);
    }

    [Fact]
    public async Task What_a_call_to_somebody_else_requires_is_none_of_our_business()
    {
        var (alice, bob, carol) = await RegisterThree();
        var (direct, replaced) = await CallDirectly(alice, bob);
        var replaces = $"{direct.CallId};to-tag={direct.Dialog.RemoteTag};from-tag={direct.LocalTag}";

        var calling = carol.Invite(
            bob.AddressOfRecord, new() { Headers = [("Replaces", replaces), ("Require", "replaces")] });
        await AcceptNext(bob);

        Assert.Equal(200, (await Within(calling.Final)).Status);
        Assert.Equal(CallEndedBy.Us, (await Within(replaced.Ended)).By);
    }

    private static async Task<(Call Caller, Call Called)> CallDirectly(Handset caller, Handset called)
    {
        var calling = caller.Invite(called.AddressOfRecord);
        var answered = await Group.AcceptAsync(called);
        var call = await Within(calling.Answered);
        await Within(Task.WhenAll(call.Msrp!.Connected, answered.Msrp!.Connected, answered.Acknowledged));
        return (call, answered);
    }

    private static Task<Call> AcceptNext(Handset handset) => Group.AcceptAsync(handset);

    private static string Spelt(string entry, Call direct) => string.Format(
        System.Globalization.CultureInfo.InvariantCulture, entry, direct.CallId, direct.Dialog.RemoteTag,
        direct.LocalTag);
}
