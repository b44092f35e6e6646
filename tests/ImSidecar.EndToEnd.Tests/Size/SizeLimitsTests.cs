using System.Net.Sockets;
using System.Text;
using ImSidecar.Client.Sip;
using ImSidecar.EndToEnd.Tests.Crowd;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Size;

/// <summary>What is too much is refused or told, and costs nobody else anything.</summary>
public sealed class SizeLimitsTests(SizeProfile profile) : SizeFlow(profile)
{
    private static readonly CrowdOptions _silent = new() { Ports = 8, Connects = _ => false };

    [Fact]
    public async Task One_more_than_the_limit_is_refused_by_UDP_and_TCP()
    {
        await using var crowd = await Crowd.Crowd.RegisterAsync("limit", 8, _silent);
        var thousand = Enumerable.Range(1, 1000).Select(i => $"sip:nobody{i}@example.com").ToList();
        foreach (var inviter in (CrowdMember[])[crowd.Members[0], crowd.Members[2]])
        {
            var refused = await Within(inviter.InviteAsync(thousand));

            Assert.Equal((486, "Too many participants"), (refused.Status, WarningOf(refused)));
        }

        Assert.NotEqual(crowd.Members[0].CoreHop.IsReliable, crowd.Members[2].CoreHop.IsReliable);
    }

    [Fact]
    public async Task A_watcher_without_TCP_is_told_that_the_state_does_not_reach_him()
    {
        await using var crowd = await Crowd.Crowd.RegisterAsync("deaf", 100, _silent with { IsUdpDeaf = true });
        await MeetAsync(crowd);

        await Crowd.Crowd.ForEachAsync(crowd.Members, async member =>
            Assert.Equal(200, (await member.SubscribeAsync()).Status));

        var (deaf, others) = (crowd.Members.Where(each => !each.CoreHop.IsReliable).ToList(),
            crowd.Members.Where(each => each.CoreHop.IsReliable).ToList());
        await Until(() => others.All(member => member.Watch.UserCount == 100));
        await Until(() => deaf.All(member => member.Watch is { IsOver: true, EndReason: "probation" }));
        Assert.All(others, member => Assert.False(member.Watch.IsOver));
        await PartAsync(crowd);
    }

    [Fact]
    public async Task A_roster_beyond_what_Kamailio_reads_ends_the_subscription_with_a_word()
    {
        // As XML each character is five times as long.
        await using var crowd = await Crowd.Crowd.RegisterAsync(
            "long", 700, _silent with { ContactParameters = ";x=" + new string('&', 400) });
        await MeetAsync(crowd);

        var watcher = crowd.Members[7];
        Assert.Equal(200, (await Within(watcher.SubscribeAsync())).Status);

        await Until(() => watcher.Watch is { IsOver: true, EndReason: "probation" });
        Assert.Equal((0, 0), watcher.Watch.Documents);
        await PartAsync(crowd);
    }

    [Fact]
    public async Task Watchers_that_never_answer_hold_up_nobody_else()
    {
        await using var crowd = await Crowd.Crowd.RegisterAsync("mute", 600, _silent);
        await using var friends = await Crowd.Crowd.RegisterAsync("friend", 5, _silent);
        await MeetAsync(crowd);
        foreach (var member in crowd.Members.Take(30))
        {
            member.IsMute = true;
            Assert.Equal(200, (await Within(member.SubscribeAsync())).Status);
        }

        // More than fits into the window of unanswered requests, for half a minute; nobody else waits for that.
        await Until(() => crowd.Members.Take(30).All(member => member.Watch.Documents.Full > 0));
        await MeetAsync(friends).WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        await PartAsync(friends).WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        await PartAsync(crowd);
    }

    [Fact]
    public async Task A_request_beyond_what_Kamailio_reads_ends_its_connection_alone()
    {
        await using var crowd = await Crowd.Crowd.RegisterAsync("big", 3, _silent);
        using var socket = new TcpClient();
        await socket.ConnectAsync(CrowdMember.Core, TestContext.Current.CancellationToken);
        var stream = socket.GetStream();
        var body = new string('x', 1_100_000);
        var request = $"INVITE {DemoProfile.Factory} SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:9;branch=z9hG4bKbig\r\n"
            + $"From: <sip:big1@example.com>;tag=1\r\nTo: <{DemoProfile.Factory}>\r\nCall-ID: big\r\nCSeq: 1 INVITE\r\n"
            + "Max-Forwards: 70\r\nContact: <sip:big1@127.0.0.1:9>\r\nP-Asserted-Identity: <sip:big1@example.com>\r\n"
            + $"Content-Type: application/sdp\r\nContent-Length: {body.Length}\r\n\r\n{body}";

        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(request), TestContext.Current.CancellationToken);
            await stream.ReadExactlyAsync(new byte[1], TestContext.Current.CancellationToken);
        }).WaitAsync(Soon, TestContext.Current.CancellationToken);

        Assert.Equal(200, (await Within(crowd.Members[0].InviteAsync([crowd.Members[1].AddressOfRecord]))).Status);
        await PartAsync(crowd);
        Profile.ThrowIfDead();
    }

    private static async Task MeetAsync(Crowd.Crowd crowd)
    {
        var others = crowd.Members.Skip(1).Select(member => member.AddressOfRecord);
        Assert.Equal(200, (await Within(crowd.Members[0].InviteAsync(others))).Status);
        await Until(() => crowd.Members.All(member => member.IsIn));
    }

    private static async Task PartAsync(Crowd.Crowd crowd)
    {
        Assert.Equal(200, (await Within(crowd.Members[0].LeaveAsync())).Status);
        await Until(() => crowd.Members.All(member => !member.IsIn));
        Assert.Empty(crowd.Faults);
    }

    private static string? WarningOf(SipMessage response) => response["Warning"]?.Split('"')[1];
}
