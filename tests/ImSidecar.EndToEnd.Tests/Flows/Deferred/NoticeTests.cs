using System.Text;
using ImSidecar.Client;
using ImSidecar.Client.Messages;
using ImSidecar.Client.Sip;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.Imdn;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.Deferred;

/// <summary>A sender hears what became of a message that was kept: delivered, expired, deleted; RFC 5438.</summary>
public sealed class NoticeTests(DemoProfile profile) : DeferredFlow(profile)
{
    private const string Usage = "org.openmobilealliance.deferred-list";

    private static async Task LeaveAskingAsync(Handset alice, string id, params (string Name, string Value)[] headers)
    {
        var body = $"From: <{alice.AddressOfRecord}>\r\nTo: <{Bob}>\r\nDateTime: 2026-11-26T15:00:00Z\r\n"
            + $"NS: imdn <urn:ietf:params:imdn>\r\nimdn.Message-ID: {id}\r\n"
            + "imdn.Disposition-Notification: positive-delivery, negative-delivery\r\n\r\n"
            + "Content-Type: text/plain\r\n\r\nHello";
        var message = alice.CreateRequest("MESSAGE", Bob)
            .Add("Accept-Contact", "*;+g.oma.sip-im")
            .WithBody("message/cpim", Encoding.UTF8.GetBytes(body));
        foreach (var (name, value) in headers)
            message.Add(name, value);
        Assert.Equal(202, (await Within(alice.SendAsync(message))).Status);
    }

    private static async Task AssertHearsAsync(Handset alice, string id, string status)
    {
        var notification = Assert.Single(PageText.Of(await Next(alice.Messages)).Notifications);
        Assert.Equal(
            (id, NotificationKind.Delivery, status, Bob),
            (notification.MessageId, notification.Kind, notification.Status, notification.RecipientUri));
    }

    [Fact]
    public async Task What_was_delivered_is_told_also_across_kill_9()
    {
        var alice = await Register("alice");
        await LeaveAskingAsync(alice, "first-id");

        var (_, push) = await ComesAsync();
        var call = (await Within(push.AcceptAsync(new() { Msrp = DeferredPush.AnyForm })))!;
        Assert.Equal("Hello", DeferredText.Of(await Next(call.Msrp!.Messages))!.Text);
        await Within(call.Ended);
        await RestartAsync();

        await AssertHearsAsync(alice, "first-id", "delivered");
    }

    [Fact]
    public async Task What_expired_or_was_deleted_is_told_too()
    {
        var alice = await Register("alice");
        await LeaveAskingAsync(alice, "short-lived", ("Expires", "1"));
        await AssertHearsAsync(alice, "short-lived", "failed");

        await LeaveAskingAsync(alice, "unwanted");
        using var answer = await new XcapUser(Profile, Bob).DeleteAsync(Usage, "deferred-list");
        Assert.True(answer.IsSuccessStatusCode, $"{answer.StatusCode}");
        await AssertHearsAsync(alice, "unwanted", "failed");
        await AssertKeptAsync(0);
    }
}
