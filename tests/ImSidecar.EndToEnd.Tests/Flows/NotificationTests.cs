using ImSidecar.Client;
using ImSidecar.Client.Messages;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.Imdn;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>What became of a message, RFC 5438: told by each recipient, or by us for one who hides.</summary>
public class NotificationTests(DemoProfile profile) : PageModeFlow(profile)
{
    private const string Everything = "positive-delivery, negative-delivery, display";

    [Fact, Trait("Spec", "RFC 5438 7.2")]
    public async Task Each_recipient_tells_the_sender_that_he_has_it_and_has_read_it()
    {
        var (alice, bob, carol) = await RegisterThree();
        var options = List(bob, carol) with { Notify = Everything, MessageId = "message-0001" };

        Assert.Equal(202, (await SendAsync(alice, "read this", options)).Status);
        var message = await ReadAsync(bob);
        await ReadAsync(carol);

        var told = new[] { await ToldAsync(alice), await ToldAsync(alice) };
        Assert.All(told, each => Assert.Equal(("message-0001", "delivered"), (each.MessageId, each.Status)));
        Assert.Equal(
            [bob.AddressOfRecord, carol.AddressOfRecord], told.Select(each => each.RecipientUri).Order());

        Assert.Equal(200, (await Within(bob.NotifyAsync(message, NotificationKind.Display)!)).Status);
        Assert.Equal((NotificationKind.Display, "displayed"), await KindAsync(alice));
    }

    [Fact, Trait("Spec", "RFC 5438 14.2")]
    public async Task Who_hides_hears_it_too_and_those_who_tell_learn_nothing()
    {
        var (alice, bob) = (await Register("alice"), await Register("bob"));
        var options = List(bob) with
        {
            Notify = Everything,
            Headers = [("Privacy", "id"), ("From", "\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=hidden1")],
        };

        Assert.Equal(202, (await SendAsync(alice, "guess who", options)).Status);

        var message = await ReadAsync(bob);
        Assert.DoesNotContain(
            "alice", string.Join('\n', message.Request.Headers) + message.Request.Text, StringComparison.Ordinal);
        Assert.StartsWith("sip:pm-", Assert.Single(message.Imdn!.RecordRoute), StringComparison.Ordinal);
        Assert.Equal((NotificationKind.Delivery, "delivered"), await KindAsync(alice));

        // Once more it is accepted, and she does not hear it again.
        Assert.Equal(200, (await Within(bob.NotifyAsync(message, NotificationKind.Delivery)!)).Status);
        Assert.Equal(200, (await Within(bob.NotifyAsync(
            message, NotificationKind.Display, [("Privacy", "id")])!)).Status);
        var told = await ReadAsync(alice);
        Assert.Equal("sip:anonymous@anonymous.invalid", Assert.Single(told.Notifications).RecipientUri);

        // With the "@": three letters alone may be in any Call-ID.
        Assert.DoesNotContain(
            "bob@", string.Join('\n', told.Request.Headers) + told.Request.Text, StringComparison.Ordinal);
    }

    [Fact, Trait("Spec", "RFC 5438 8.3")]
    public async Task A_stranger_tells_nothing_of_a_message()
    {
        var (alice, bob, carol) = await RegisterThree();
        var options = List(bob) with { Notify = Everything, Headers = [("Privacy", "id")] };
        Assert.Equal(202, (await SendAsync(alice, "for bob", options)).Status);
        var message = await ReadAsync(bob);
        await ReadAsync(alice);

        AssertRefused(
            await Within(carol.NotifyAsync(message, NotificationKind.Display)!), 403,
            "Only who got the message may report");
        AssertRefused(
            await Within(bob.MessageAsync(message.Imdn!.RecordRoute[0], "who are you?")), 415,
            "Only notifications are taken here");
        await AssertReadsNothingAsync(alice, bob);
    }

    [Fact, Trait("Spec", "RFC 5438 5.1")]
    public async Task Whom_it_did_not_reach_is_told_by_us()
    {
        var alice = await Register("alice");
        var options = new MessageOptions
        {
            Notify = Everything,
            Recipients = [new("sip:nobody-at-all@example.com")],
        };

        Assert.Equal(202, (await SendAsync(alice, "anybody?", options)).Status);

        var told = await ToldAsync(alice);
        Assert.Equal(
            (NotificationKind.Delivery, "failed", "sip:nobody-at-all@example.com"),
            (told.Kind, told.Status, told.RecipientUri));
    }

    private static async Task<Notification> ToldAsync(Handset handset) =>
        Assert.Single((await ReadAsync(handset)).Notifications);

    private static async Task<(NotificationKind, string)> KindAsync(Handset handset)
    {
        var told = await ToldAsync(handset);
        return (told.Kind, told.Status);
    }
}

/// <summary>RFC 5438 8.3: notifications that come within a while, or all of them, are told together.</summary>
public class AggregatedNotificationTests(DemoProfile profile) : PageModeFlow(profile)
{
    protected override IReadOnlyList<string> Settings =>
        ["--Controlling:AggregateImdn=true", "--Controlling:AggregateImdnFor=00:00:02"];

    [Fact, Trait("Spec", "RFC 5438 8.3")]
    public async Task All_of_them_come_in_one_message_also_after_a_crash()
    {
        var (alice, bob, carol) = await RegisterThree();
        var options = List(bob, carol) with { Notify = "positive-delivery", MessageId = "message-0002" };

        Assert.Equal(202, (await SendAsync(alice, "all at once", options)).Status);
        await ReadAsync(bob);
        await ReadAsync(carol);

        var told = await ReadAsync(alice);
        Assert.Equal(
            [bob.AddressOfRecord, carol.AddressOfRecord], told.Notifications.Select(each => each.RecipientUri).Order());
        Assert.All(told.Notifications, each => Assert.Equal("message-0002", each.MessageId));
    }

    [Fact, Trait("Spec", "RFC 5438 8.3")]
    public async Task Who_reports_in_time_is_told_of_and_the_others_later_also_after_a_crash()
    {
        var (alice, bob, carol) = await RegisterThree();
        var options = List(bob, carol) with { Notify = "positive-delivery, display" };
        Assert.Equal(202, (await SendAsync(alice, "read this", options)).Status);
        var message = await ReadAsync(bob);
        await ReadAsync(carol);
        Assert.Equal(200, (await Within(bob.NotifyAsync(message, NotificationKind.Display)!)).Status);

        await Profile.KillSidecarAsync();
        await Profile.StartSidecarAsync();

        var told = await ReadAsync(alice);
        Assert.Equal(3, told.Notifications.Length);
        Assert.Single(told.Notifications, each => each.Kind == NotificationKind.Display);
    }
}
