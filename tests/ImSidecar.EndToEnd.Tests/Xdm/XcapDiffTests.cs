using System.Diagnostics;
using System.Net;
using ImSidecar.Client;
using ImSidecar.Client.Subscriptions;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.Xdm;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Xdm;

/// <summary>RFC 5875: a handset watches documents that are written by HTTP.</summary>
public class XcapDiffTests(DemoProfile profile) : Flow(profile)
{
    private readonly string _user = $"dora-{Guid.NewGuid():N}";

    private string Address => $"sip:{_user}@example.com";

    private string Lists => $"resource-lists/users/{Address}/index";

    [Fact]
    public async Task A_user_is_told_of_what_is_put_replaced_and_deleted()
    {
        var dora = await Register(_user);
        var watching = dora.Subscribe(Address, SubscribeOptions.ToDocuments());
        Assert.Equal(200, (await Within(watching.Answered)).Status);
        Assert.Empty((await Next(watching.Notifications)).Documents!.Documents);

        var first = await PutAsync("one");
        Assert.Equal(new DocumentDiff(Lists, null, first), await ToldAsync(watching));

        var second = await PutAsync("two");
        Assert.Equal(new DocumentDiff(Lists, first, second), await ToldAsync(watching));

        using var deleted = await Profile.Http.SendAsync(
            Of(HttpMethod.Delete), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);
        Assert.Equal(new DocumentDiff(Lists, second, null), await ToldAsync(watching));
        await EndAsync(watching);
    }

    [Fact]
    public async Task A_burst_is_told_at_once_and_in_the_end_as_it_is()
    {
        var dora = await Register(_user);
        var watching = dora.Subscribe(Address, SubscribeOptions.ToDocuments(Lists));
        await Next(watching.Notifications);

        var last = "";
        var began = Stopwatch.GetTimestamp();
        for (var i = 0; i < 20; i++)
            last = await PutAsync("list" + i);

        var told = await ReadUntil(watching, each => each.Documents!.Documents.Any(one => one.NewETag == last));
        Assert.InRange(told.Count, 1, (int)(Stopwatch.GetElapsedTime(began) / TimeSpan.FromSeconds(0.5)) + 1);
        Assert.Equal(
            told.Skip(1).Select(each => each.Documents!.Documents[0].PreviousETag),
            told.SkipLast(1).Select(each => each.Documents!.Documents[0].NewETag));
        await EndAsync(watching);
    }

    [Fact]
    public async Task What_changed_before_kill_9_and_was_not_told_is_told_afterwards()
    {
        var dora = await Register(_user);
        var first = await PutAsync("one");
        var watching = dora.Subscribe(Address, SubscribeOptions.ToDocuments());
        Assert.Equal(new DocumentDiff(Lists, null, first), await ToldAsync(watching));

        // Within the interval of the first NOTIFY: it is saved and waits.
        var second = await PutAsync("two");
        await Profile.KillSidecarAsync();
        await Profile.StartSidecarAsync();

        Assert.Equal(new DocumentDiff(Lists, first, second), await ToldAsync(watching));
        var third = await PutAsync("three");
        Assert.Equal(new DocumentDiff(Lists, second, third), await ToldAsync(watching));
        await EndAsync(watching);
    }

    [Fact]
    public async Task After_a_restart_of_Kamailio_changes_are_told_as_before()
    {
        var dora = await Register(_user);
        var watching = dora.Subscribe(Address, SubscribeOptions.ToDocuments());
        await Next(watching.Notifications);

        await Profile.RestartKamailioAsync();

        // Whose answer Kamailio took with it is told once more what he knows.
        var first = await PutAsync("one");
        var told = await ReadUntil(watching, each => each.Documents!.Documents.Length > 0);
        Assert.Equal(new DocumentDiff(Lists, null, first), Assert.Single(told[^1].Documents!.Documents));
        await EndAsync(watching);
    }

    [Fact]
    public async Task Refreshing_tells_everything_again_and_fetching_once()
    {
        var dora = await Register(_user);
        var etag = await PutAsync("one");
        var watching = dora.Subscribe(Address, SubscribeOptions.ToDocuments());
        await Next(watching.Notifications);

        Assert.Equal("600", (await Within(watching.RefreshAsync(600)))["Expires"]);
        Assert.Equal(new DocumentDiff(Lists, null, etag), await ToldAsync(watching));
        await EndAsync(watching);

        var fetching = dora.Subscribe(Address, SubscribeOptions.ToDocuments() with { Seconds = 0 });
        var told = await Within(fetching.Terminated);
        Assert.Equal(etag, Assert.Single(told.Documents!.Documents).NewETag);
    }

    [Fact]
    public async Task What_belongs_to_others_is_left_out_and_alone_refused()
    {
        var dora = await Register(_user);
        var other = $"resource-lists/users/sip:other-{_user}@example.com/index";
        var etag = await PutAsync("one");

        var mixed = dora.Subscribe(Address, SubscribeOptions.ToDocuments(other, Lists));
        Assert.Equal(new DocumentDiff(Lists, null, etag), await ToldAsync(mixed));
        await EndAsync(mixed);

        var refused = await Within(dora.Subscribe(Address, SubscribeOptions.ToDocuments(other)).Answered);
        Assert.Equal((403, "No document that you may read"), (refused.Status, WarningOf(refused)));
    }

    [Fact]
    public async Task A_group_is_watched_by_its_uri_by_its_owner()
    {
        var dora = await Register(_user);
        var group = $"sip:{_user}@groups.example.com";
        await new XcapUser(Profile, Address).PutGroupAsync(new(group, Address));
        var byUri = "org.openmobilealliance.groups/global/byGroupID/" + group;
        var watching = dora.Subscribe("sip:xdms@im.example.com", SubscribeOptions.ToDocuments(byUri));
        var first = await ToldAsync(watching);
        Assert.Equal((byUri, null), (first.Selector, first.PreviousETag));

        await new XcapUser(Profile, Address).PutGroupAsync(new GroupXml(group, Address) { Subject = "skiing" });

        Assert.Equal(first.NewETag, (await ToldAsync(watching)).PreviousETag);
        await EndAsync(watching);
    }

    [Fact]
    public async Task An_oma_client_calls_it_ua_profile()
    {
        var dora = await Register(_user);
        var etag = await PutAsync("one");

        var watching = dora.Subscribe(Address, SubscribeOptions.ToDocuments() with { Event = "ua-profile" });

        Assert.Equal(new DocumentDiff(Lists, null, etag), await ToldAsync(watching));
        await EndAsync(watching);
    }

    [Fact]
    public async Task The_compact_form_of_its_header_brings_it_here_too()
    {
        var dora = await Register(_user);

        var watching = dora.Subscribe(Address, SubscribeOptions.ToDocuments() with
        {
            Headers = [("Event", null), ("o", "xcap-diff")],
            Seconds = 0,
        });

        Assert.Equal(200, (await Within(watching.Answered)).Status);
        Assert.Empty((await Within(watching.Terminated)).Documents!.Documents);
    }

    [Fact]
    public async Task A_profile_in_another_format_is_not_ours()
    {
        var dora = await Register(_user);
        var options = new SubscribeOptions { Event = "ua-profile", Accept = "application/x-z-device-profile" };

        // It goes where it is addressed to: his own handset, which knows no such request.
        Assert.NotEqual(200, (await Within(dora.Subscribe(Address, options).Answered)).Status);
    }

    [Theory]
    [InlineData("xcap-diff", "application/pidf+xml", 406), InlineData("xcap-diff;id=1", "*/*", 200)]
    public async Task Who_takes_another_format_is_refused(string package, string accept, int status)
    {
        var dora = await Register(_user);

        var watching = dora.Subscribe(
            Address, SubscribeOptions.ToDocuments() with { Event = package, Accept = accept, Seconds = 0 });

        Assert.Equal(status, (await Within(watching.Answered)).Status);
    }

    [Fact]
    public async Task A_list_that_is_none_is_refused_and_a_short_subscription_too()
    {
        var dora = await Register(_user);

        var none = SubscribeOptions.ToDocuments("sip:bob@example.com");
        Assert.Equal(400, (await Within(dora.Subscribe(Address, none).Answered)).Status);

        var brief = await Within(
            dora.Subscribe(Address, SubscribeOptions.ToDocuments() with { Seconds = 1 }).Answered);
        Assert.Equal((423, "2"), (brief.Status, brief["Min-Expires"]));
    }

    [Fact]
    public async Task What_is_addressed_to_somebody_else_goes_to_him()
    {
        var dora = await Register(_user);

        var watching = dora.Subscribe($"sip:nobody-{_user}@example.com", SubscribeOptions.ToDocuments());

        Assert.Equal(480, (await Within(watching.Answered)).Status);
    }

    private static async Task<DocumentDiff> ToldAsync(Subscription watching) =>
        Assert.Single((await Next(watching.Notifications)).Documents!.Documents);

    private static async Task EndAsync(Subscription watching)
    {
        Assert.Equal(200, (await Within(watching.UnsubscribeAsync())).Status);
        Assert.Equal("timeout", (await Within(watching.Terminated)).Reason);
    }

    /// <summary>The ETag of the list that was put.</summary>
    private async Task<string> PutAsync(string name)
    {
        using var put = await new XcapUser(Profile, Address).PutAsync(
            "resource-lists", "index", "application/resource-lists+xml",
            "<resource-lists xmlns=\"urn:ietf:params:xml:ns:resource-lists\">"
                + $"<list name=\"{name}\"/></resource-lists>");
        Assert.True(put.IsSuccessStatusCode, $"{put.StatusCode}");
        return put.Headers.ETag!.Tag.Trim('"');
    }

    private HttpRequestMessage Of(HttpMethod method)
    {
        var request = new HttpRequestMessage(method, "/xcap-root/" + Lists);
        request.Headers.TryAddWithoutValidation("X-3GPP-Asserted-Identity", $"\"{Address}\"");
        return request;
    }
}
