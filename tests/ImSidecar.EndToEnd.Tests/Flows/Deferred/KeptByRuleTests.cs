using ImSidecar.Client;
using ImSidecar.Client.Messages;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.Imdn;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.Deferred;

/// <summary>IM 11: whose messages are kept, where his rules or the operator say so; groups and lists too.</summary>
public sealed class KeptByRuleTests(DemoProfile profile) : DeferredFlow(profile)
{
    private const string Skiers = "sip:skiers-who-are-away@groups.example.com";

    protected override IReadOnlyList<string> Settings =>
        [.. base.Settings, "--Deferred:Barred:0=sip:carol@example.com"];

    [Fact]
    public async Task His_rules_say_whose_messages_are_kept()
    {
        var (alice, dave) = (await Register("alice"), Stranger("dave"));
        using var put = await new XcapUser(Profile, Bob).PutRulesAsync(
            "<cr:ruleset xmlns:cr=\"urn:ietf:params:xml:ns:common-policy\" xmlns:oxe=\"urn:oma:xml:xdm:extensions\">"
            + "<cr:rule id=\"r\"><cr:conditions><cr:identity><cr:one id=\"sip:alice@example.com\"/></cr:identity>"
            + "</cr:conditions><cr:actions><oxe:allow-offline-storage oxe:allow=\"false\"/></cr:actions>"
            + "<cr:transformations/></cr:rule></cr:ruleset>");
        Assert.True(put.IsSuccessStatusCode, $"{put.StatusCode}");

        Assert.Equal((480, "User is not available and keeps no messages of yours"), await LeaveAsync(alice, "no"));
        var answer = await Within(alice.Invite(Bob).Final);
        Assert.Equal((480, "User is not available and keeps no messages of yours"), (answer.Status, WarningOf(answer)));
        Assert.Equal(0, await KeptAsync());
        Assert.Equal((202, null), await LeaveAsync(dave, "yes"));
    }

    [Fact]
    public async Task The_operator_bars_and_what_is_of_no_use_later_is_refused()
    {
        var (alice, carol) = (await Register("alice"), await Register("carol"));

        Assert.Equal(
            (403, "The operator keeps no messages for this user or from this one"), await LeaveAsync(carol, "barred"));
        Assert.Equal(
            (480, "User is not available and the message has expired"),
            await LeaveAsync(alice, "late", ("Expires", "0")));
        Assert.Equal((202, null), await LeaveAsync(alice, "soon over", ("Expires", "2")));
        await AssertKeptAsync(0);
        Assert.Equal((202, null), await LeaveAsync(alice, "kept"));
        var (_, push) = await ComesAsync();
        var call = (await Within(push.AcceptAsync(new() { Msrp = DeferredPush.AnyForm })))!;
        Assert.Equal("kept", DeferredText.Of(await Next(call.Msrp!.Messages))!.Text);
        await Within(call.Ended);
    }

    [Fact]
    public async Task What_is_said_to_a_group_is_kept_for_each_who_is_away()
    {
        var alice = await Register("alice");
        await new XcapUser(Profile, "sip:alice@example.com").PutGroupAsync(new(Skiers, ["sip:alice@example.com", Bob]));

        Assert.Equal(202, (await Within(alice.MessageAsync(Skiers, "snow!"))).Status);

        await AssertKeptAsync(1);
        var (_, push) = await ComesAsync();
        var call = (await Within(push.AcceptAsync(new() { Msrp = DeferredPush.AnyForm })))!;
        var message = await Next(call.Msrp!.Messages);
        Assert.Equal("snow!", DeferredText.Of(message)!.Text);
        Assert.Equal(alice.AddressOfRecord, DeferredText.Of(message)!.From);
        await Within(call.Ended);
        await AssertKeptAsync(0);
    }

    [Fact, Trait("Spec", "RFC 5438 8.3")]
    public async Task Who_writes_to_a_list_hears_of_him_who_was_away_too()
    {
        var alice = await Register("alice");
        var answer = await Within(alice.MessageAsync(DemoProfile.Factory, "to a list", new()
        {
            Recipients = [new(Bob)],
            Notify = "positive-delivery",
            MessageId = "list-id-0001",
        }));
        Assert.Equal(202, answer.Status);
        await AssertKeptAsync(1);

        var (_, push) = await ComesAsync(new() { User = "bob", SendsDelivered = false });
        var call = (await Within(push.AcceptAsync(new() { Msrp = DeferredPush.AnyForm })))!;
        Assert.Equal("to a list", DeferredText.Of(await Next(call.Msrp!.Messages))!.Text);
        await Within(call.Ended);

        var told = Assert.Single(PageText.Of(await Next(alice.Messages)).Notifications);
        Assert.Equal(
            ("list-id-0001", NotificationKind.Delivery, "delivered", Bob),
            (told.MessageId, told.Kind, told.Status, told.RecipientUri));
    }
}
