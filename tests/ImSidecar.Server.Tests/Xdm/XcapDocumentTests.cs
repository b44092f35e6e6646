using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Server.Tests.Xdm;

/// <summary>Whole documents: PUT, GET, HEAD and DELETE, with conditions (RFC 4825 7.1 to 7.3, 7.11).</summary>
public sealed class XcapDocumentTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_document_is_created_read_replaced_and_deleted()
    {
        await using var host = await XcapHost.StartAsync();

        var created = await host.PutGroupAsync(XcapHost.Group());
        var read = await host.GetAsync(XcapHost.SkiPath);
        var replaced = await host.PutGroupAsync(XcapHost.Group(more: "<!-- more -->"));
        var deleted = await host.DeleteAsync(XcapHost.SkiPath);

        Assert.Equal(201, created.Code);
        Assert.Equal((200, created.ETag, XcapHost.GroupsType), (read.Code, read.ETag, read.Type));
        Assert.Equal(XcapHost.Group(), read.Body);
        Assert.Equal(200, replaced.Code);
        Assert.NotNull(replaced.ETag);
        Assert.NotEqual(created.ETag, replaced.ETag);
        Assert.Equal((200, null), (deleted.Code, deleted.ETag));
        Assert.Equal(404, (await host.GetAsync(XcapHost.SkiPath)).Code);
        Assert.Equal(404, (await host.DeleteAsync(XcapHost.SkiPath)).Code);
    }

    [Fact]
    public async Task The_same_content_again_keeps_the_ETag()
    {
        await using var host = await XcapHost.StartAsync();
        var created = await host.PutGroupAsync(XcapHost.Group());

        var again = await host.PutGroupAsync(XcapHost.Group());

        Assert.Equal((200, created.ETag), (again.Code, again.ETag));
    }

    [Fact]
    public async Task HEAD_says_what_GET_says_without_the_body()
    {
        await using var host = await XcapHost.StartAsync();
        await host.PutGroupAsync(XcapHost.Group());

        var get = await host.GetAsync(XcapHost.SkiPath);
        var head = await host.SendAsync(HttpMethod.Head, XcapHost.SkiPath, XcapHost.Alice, null);

        Assert.Equal((200, get.ETag, get.Type, ""), (head.Code, head.ETag, head.Type, head.Body));
        Assert.Equal(
            get.Response.Content.Headers.ContentLength, head.Response.Content.Headers.ContentLength);
    }

    [Theory]
    [InlineData("If-Match", "{etag}", 200)]
    [InlineData("If-Match", "\"x\", {etag}", 200)]
    [InlineData("If-Match", "*", 200)]
    [InlineData("If-Match", "\"x\"", 412)]
    [InlineData("If-Match", "W/{etag}", 412)]
    [InlineData("If-None-Match", "{etag}", 304)]
    [InlineData("If-None-Match", "W/{etag}", 304)]
    [InlineData("If-None-Match", "\"x\", {etag}", 304)]
    [InlineData("If-None-Match", "*", 304)]
    [InlineData("If-None-Match", "\"x\"", 200)]
    [InlineData("If-Match", "x", 400)]
    [InlineData("If-None-Match", "\"", 400)]
    public async Task A_conditional_GET_is_answered_by_the_ETag(string header, string value, int code)
    {
        await using var host = await XcapHost.StartAsync();
        var etag = (await host.PutGroupAsync(XcapHost.Group())).ETag;

        var condition = (header, value.Replace("{etag}", $"\"{etag}\"", StringComparison.Ordinal));
        var answer = await host.GetAsync(XcapHost.SkiPath, XcapHost.Alice, condition);

        Assert.Equal(code, answer.Code);
        if (code == 304)
            Assert.Equal((etag, ""), (answer.ETag, answer.Body));
    }

    [Theory]
    [InlineData("If-Match", "{etag}", 200)]
    [InlineData("If-Match", "*", 200)]
    [InlineData("If-Match", "\"x\"", 412)]
    [InlineData("If-None-Match", "{etag}", 412)]
    [InlineData("If-None-Match", "*", 412)]
    [InlineData("If-None-Match", "\"x\"", 200)]
    public async Task A_conditional_write_happens_only_when_the_condition_holds(string header, string value, int code)
    {
        await using var host = await XcapHost.StartAsync();
        var etag = (await host.PutGroupAsync(XcapHost.Group())).ETag;
        var condition = (header, value.Replace("{etag}", $"\"{etag}\"", StringComparison.Ordinal));

        var put = await host.PutGroupAsync(XcapHost.Group(more: " "), condition);

        Assert.Equal(code, put.Code);
        Assert.Equal(code == 200 ? put.ETag : etag, (await host.GetAsync(XcapHost.SkiPath)).ETag);
        var delete = await host.DeleteAsync(XcapHost.SkiPath, XcapHost.Alice, ("If-Match", "\"x\""));
        Assert.Equal(412, delete.Code);
    }

    [Fact]
    public async Task What_is_not_there_cannot_be_matched()
    {
        await using var host = await XcapHost.StartAsync();

        Assert.Equal(412, (await host.PutGroupAsync(XcapHost.Group(), ("If-Match", "*"))).Code);
        Assert.Equal(412, (await host.DeleteAsync(XcapHost.SkiPath, XcapHost.Alice, ("If-Match", "\"x\""))).Code);
        Assert.Equal(404, (await host.GetAsync(XcapHost.SkiPath)).Code);
        Assert.Equal(201, (await host.PutGroupAsync(XcapHost.Group(), ("If-None-Match", "*"))).Code);
    }

    [Fact]
    public async Task Of_many_writers_with_one_ETag_one_wins_and_the_others_get_412()
    {
        await using var host = await XcapHost.StartAsync();
        var etag = (await host.PutGroupAsync(XcapHost.Group())).ETag;

        var answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(writer =>
            host.PutGroupAsync(XcapHost.Group(more: $"<!-- {writer} -->"), ("If-Match", $"\"{etag}\""))));

        var winner = Assert.Single(answers, answer => answer.Code == 200);
        Assert.All(answers.Except([winner]), answer => Assert.Equal(412, answer.Code));
        Assert.Equal(winner.ETag, (await host.GetAsync(XcapHost.SkiPath)).ETag);
    }

    [Fact]
    public async Task Of_many_who_create_a_document_one_does()
    {
        await using var host = await XcapHost.StartAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(writer =>
            host.PutGroupAsync(XcapHost.Group(more: $"<!-- {writer} -->"), ("If-None-Match", "*"))));

        Assert.Single(answers, answer => answer.Code == 201);
        Assert.Equal(19, answers.Count(answer => answer.Code == 412));
    }

    [Theory]
    [InlineData("application/xml")]
    [InlineData("text/xml")]
    [InlineData("nonsense")]
    [InlineData("application/resource-lists+xml")]
    [InlineData("application/vnd.oma.poc.groups+xml; charset=iso-8859-1")]
    public async Task Another_content_type_is_refused(string type)
    {
        await using var host = await XcapHost.StartAsync();

        var answer = await host.PutAsync(XcapHost.SkiPath, type, XcapHost.Group());

        Assert.Equal(415, answer.Code);
        Assert.Equal(404, (await host.GetAsync(XcapHost.SkiPath)).Code);
    }

    [Theory]
    [InlineData("POST", "resource-lists/users/sip:alice@example.com/index", "GET, HEAD, PUT, DELETE")]
    [InlineData("PATCH", "resource-lists/users/sip:alice@example.com/index", "GET, HEAD, PUT, DELETE")]
    [InlineData("PUT", "xcap-caps/global/index", "GET, HEAD")]
    [InlineData("DELETE", "org.openmobilealliance.groups/global/byGroupID/sip:ski@groups.example.com", "GET, HEAD")]
    [InlineData("PUT", "org.openmobilealliance.xcap-directory/users/sip:alice@example.com/directory.xml", "GET, HEAD")]
    [InlineData("DELETE", "resource-lists/users/sip:alice@example.com/index/~~/*/namespace::*", "GET, HEAD")]
    public async Task Another_method_is_told_which_ones_there_are(string method, string path, string allowed)
    {
        await using var host = await XcapHost.StartAsync();

        var answer = await host.SendAsync(new(method), path, XcapHost.Alice, null);

        Assert.Equal(405, answer.Code);
        Assert.Equal(allowed, string.Join(", ", answer.Response.Content.Headers.Allow));
    }

    [Fact]
    public async Task A_document_that_is_too_large_is_refused_with_and_without_its_length()
    {
        await using var host = await XcapHost.StartAsync(("MaxDocumentBytes", "2000"));
        var large = XcapHost.Group(more: new(' ', 2000));
        using var chunked = new PushedContent(Encoding.UTF8.GetBytes(large));
        chunked.Headers.TryAddWithoutValidation("Content-Type", XcapHost.GroupsType);

        Assert.Equal(413, (await host.PutGroupAsync(large)).Code);
        Assert.Equal(413, (await host.SendAsync(HttpMethod.Put, XcapHost.SkiPath, XcapHost.Alice, chunked)).Code);
        Assert.Equal(404, (await host.GetAsync(XcapHost.SkiPath)).Code);
        Assert.Equal(201, (await host.PutGroupAsync(XcapHost.Group())).Code);
    }

    [Fact]
    public async Task A_user_keeps_only_so_much()
    {
        await using var host = await XcapHost.StartAsync(
            ("MaxDocumentsPerUser", "2"), ("MaxGroupsPerUser", "1"), ("MaxBytesPerUser", "1500"));
        await host.PutGroupAsync(XcapHost.Group());

        var group = await host.PutAsync(
            XcapHost.SkiPath + "2", XcapHost.GroupsType, XcapHost.Group("sip:two@groups.example.com"));
        var bytes = await host.PutAsync(
            XcapHost.ListPath, XcapHost.ListsType, XcapHost.Lists() + new string(' ', 1400));
        var second = await host.PutAsync(XcapHost.ListPath, XcapHost.ListsType, XcapHost.Lists());
        var third = await host.PutAsync(XcapHost.ListPath + "2", XcapHost.ListsType, XcapHost.Lists());

        Assert.Equal("local-constraint-failure", group.Error);
        Assert.Equal("local-constraint-failure", bytes.Error);
        Assert.Equal(201, second.Code);
        Assert.Equal("local-constraint-failure", third.Error);
    }

    [Fact]
    public async Task The_user_may_be_escaped_or_not()
    {
        await using var host = await XcapHost.StartAsync();
        await host.PutAsync(XcapHost.ListPath, XcapHost.ListsType, XcapHost.Lists());

        string[] spellings = ["sip%3Aalice%40example.com", "sip:alice@EXAMPLE.com", "sip:%61lice@example.com:5060"];
        foreach (var user in spellings)
            Assert.Equal(200, (await host.GetAsync($"resource-lists/users/{user}/index")).Code);
        Assert.Equal(403, (await host.GetAsync("resource-lists/users/sip:Alice@example.com/index")).Code);
    }

    [Fact]
    public async Task A_store_that_fails_means_503_and_when_to_try_again()
    {
        await using var host = await XcapHost.StartAsync();
        host.Health.Fails(new IOException("disk full"));

        var answer = await host.PutGroupAsync(XcapHost.Group());

        Assert.Equal(503, answer.Code);
        Assert.NotNull(answer.Response.Headers.RetryAfter);
        Assert.Equal(404, (await host.GetAsync(XcapHost.SkiPath)).Code);
    }

    [Fact]
    public async Task What_was_answered_is_in_the_store()
    {
        await using var host = await XcapHost.StartAsync();

        var answer = await host.PutGroupAsync(XcapHost.Group());

        var stored = await host.StoredAsync(ApplicationUsage.Groups, XcapHost.Alice, "ski");
        Assert.Equal(answer.ETag, stored!.Entry.ETag);
        Assert.Equal(XcapHost.Group(), Encoding.UTF8.GetString(stored.Content.Span));
    }

    [Fact]
    public async Task Answers_are_counted_by_status()
    {
        await using var host = await XcapHost.StartAsync();
        var counted = new ConcurrentDictionary<object, long>();
        using var listener = new MeterListener();
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            if (instrument.Name == "imsidecar.xcap.responses")
                counted.AddOrUpdate(tags[0].Value!, value, (_, sum) => sum + value);
        });
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter == host.Metrics.Meter)
                listener.EnableMeasurementEvents(instrument);
        };
        listener.Start();

        await host.PutGroupAsync(XcapHost.Group());
        await host.GetAsync(XcapHost.SkiPath);
        await host.GetAsync(XcapHost.SkiPath, user: null);

        Assert.Equal([(200, 1), (201, 1), (401, 1)], counted.Select(each => ((int)each.Key, each.Value)).Order());
    }

    private sealed class PushedContent(byte[] bytes) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context) =>
            stream.WriteAsync(bytes, Cancel).AsTask();

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
