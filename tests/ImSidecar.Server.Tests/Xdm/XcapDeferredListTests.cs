using ImSidecar.Core.Deferred;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Server.Tests.Xdm;

/// <summary>The list of what is kept for a user, OMA IM XDM 5.2.2: read, and deleted from.</summary>
public sealed class XcapDeferredListTests
{
    private const string Path = "org.openmobilealliance.deferred-list/users/sip:alice@example.com/deferred-list";
    private const string Type = "application/vnd.oma.im.deferred-list+xml";
    private const string First = Path + "/~~/history-list/history%5b@history-reference=%221%22%5d";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static async Task<XcapHost> StartAsync(int messages, string subject = "Snow & ice")
    {
        var host = await XcapHost.StartAsync();
        _ = SipUri.TryParse(XcapHost.Alice, out var alice);
        _ = SipUri.TryParse(XcapHost.Bob, out var bob);
        for (var i = 1; i <= messages; i++)
        {
            await host.Deferred.AddAsync(
                new()
                {
                    User = XcapHost.Alice,
                    Key = "key" + i,
                    Recipient = alice,
                    Sender = bob,
                    IsAnonymous = i > 1,
                    Subject = i > 1 ? "" : subject,
                    ReceivedAt = new(2026, 11, 20, 9, 30, i, TimeSpan.Zero),
                    ExpiresAt = new(2086, 12, 20, 9, 30, 0, TimeSpan.Zero),
                    Notices = new("id", "", true, true),
                    Content = new(new byte[100 + i], default),
                },
                DeferralQuota.None, Cancel);
        }

        return host;
    }

    [Fact]
    public async Task A_user_reads_what_is_kept_for_him()
    {
        await using var host = await StartAsync(2);

        var list = await host.GetAsync(Path);

        Assert.Equal((200, Type), (list.Code, list.Type));
        Assert.Equal(
            """<?xml version="1.0" encoding="utf-8"?><history-list xmlns="urn:oma:xml:im:history-list">"""
            + """<history history-reference="1"><date>2026-11-20T09:30:01Z</date><size>101</size>"""
            + "<expiry>2086-12-20T09:30:00Z</expiry><subject>Snow &amp; ice</subject>"
            + "<pager><time-stamp>2026-11-20T09:30:01Z</time-stamp><from>sip:bob@example.com</from>"
            + """<to>sip:alice@example.com</to></pager></history><history history-reference="2">"""
            + "<date>2026-11-20T09:30:02Z</date><size>102</size><expiry>2086-12-20T09:30:00Z</expiry>"
            + "<pager><time-stamp>2026-11-20T09:30:02Z</time-stamp><to>sip:alice@example.com</to></pager></history>"
            + "</history-list>",
            list.Body);
        Assert.Equal(200, (await host.GetAsync(First)).Code);
        Assert.Equal("101", (await host.GetAsync(First + "/size")).Body.Split('>')[1].Split('<')[0]);
    }

    [Fact]
    public async Task What_he_deletes_is_not_kept_and_its_sender_hears_it()
    {
        await using var host = await StartAsync(3);
        var before = await host.GetAsync(Path);

        Assert.Equal(200, (await host.DeleteAsync(First)).Code);
        Assert.Equal(404, (await host.DeleteAsync(First)).Code);
        Assert.Equal(2, (await host.Deferred.CountAsync(XcapHost.Alice, Cancel)).Messages);
        Assert.NotEqual(before.ETag, (await host.GetAsync(Path)).ETag);

        Assert.Equal(200, (await host.DeleteAsync(Path)).Code);
        Assert.Equal(404, (await host.DeleteAsync(Path)).Code);
        Assert.Equal(3, (await host.Deferred.NoticesAsync(10, Cancel)).Length);
    }

    [Fact]
    public async Task A_subject_that_is_no_XML_hides_nothing()
    {
        await using var host = await StartAsync(2, "Snow\uFFFF & ice\u0001");

        var list = await host.GetAsync(Path);

        Assert.Equal(200, list.Code);
        Assert.Contains("<subject>Snow &amp; ice</subject>", list.Body, StringComparison.Ordinal);
        Assert.Equal(200, (await host.DeleteAsync(Path)).Code);
    }

    [Fact]
    public async Task What_has_changed_meanwhile_is_not_deleted()
    {
        await using var host = await StartAsync(2);

        Assert.Equal(412, (await host.DeleteAsync(Path, XcapHost.Alice, ("If-Match", "\"other\""))).Code);
        Assert.Equal(2, (await host.Deferred.CountAsync(XcapHost.Alice, Cancel)).Messages);
    }

    [Fact]
    public async Task A_part_of_an_entry_is_not_deleted()
    {
        await using var host = await StartAsync(1);

        Assert.Equal(409, (await host.DeleteAsync(First + "/size")).Code);
        Assert.Equal(1, (await host.Deferred.CountAsync(XcapHost.Alice, Cancel)).Messages);
    }

    [Fact]
    public async Task Nobody_writes_it_and_nobody_else_reads_it()
    {
        await using var host = await StartAsync(1);

        var written = await host.PutAsync(Path, Type, "<history-list xmlns='urn:oma:xml:im:history-list'/>");
        Assert.Equal(405, written.Code);
        Assert.Equal(["GET", "HEAD", "DELETE"], written.Response.Content.Headers.Allow);
        Assert.Equal(403, (await host.GetAsync(Path, XcapHost.Bob)).Code);
        Assert.Equal(403, (await host.DeleteAsync(Path, XcapHost.Bob)).Code);
    }

    [Fact]
    public async Task A_store_that_does_not_answer_is_503()
    {
        await using var host = await StartAsync(1);
        ((Deferred.MemoryDeferredMessages)host.Deferred).Fails = true;

        Assert.Equal(503, (await host.GetAsync(Path)).Code);
        Assert.Equal(503, (await host.DeleteAsync(Path)).Code);
    }
}
