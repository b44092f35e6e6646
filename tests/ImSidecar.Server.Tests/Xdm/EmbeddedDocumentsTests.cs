using System.Text;
using ImSidecar.Protocol.Xdm;
using ImSidecar.Server.Stores;
using ImSidecar.Server.Xdm;
using ImSidecar.Server.Xdm.Embedded;

namespace ImSidecar.Server.Tests.Xdm;

/// <summary>What the rules see of the embedded XDMS: the document of now, and each change once it is durable.</summary>
public sealed class EmbeddedDocumentsTests
{
    private static readonly DocumentSelector _ski = new(ApplicationUsage.Groups, XcapHost.Alice, "ski");
    private static readonly DocumentSelector _group = DocumentSelector.OfGroup(XcapHost.Ski);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_group_is_read_by_its_URI_as_it_is_now()
    {
        await using var host = await XcapHost.StartAsync();
        var documents = host.Documents;
        Assert.Null(await documents.ReadAsync(_group, Cancel));

        var first = await host.PutGroupAsync(XcapHost.Group());
        Assert.Equal(first.ETag, (await documents.ReadAsync(_group, Cancel))!.ETag);
        var second = await host.PutGroupAsync(XcapHost.Group(more: "<!-- -->"));
        var read = await documents.ReadAsync(_group, Cancel);
        await host.DeleteAsync(XcapHost.SkiPath);

        Assert.Equal((second.ETag, _group), (read!.ETag, read.Selector));
        Assert.Contains("<!-- -->", Encoding.UTF8.GetString(read.Content.Span), StringComparison.Ordinal);
        Assert.Null(await documents.ReadAsync(_group, Cancel));
        Assert.Null(await documents.ReadAsync(_ski, Cancel));
    }

    [Fact]
    public async Task Who_cannot_take_the_news_keeps_them_neither_from_the_client_nor_from_others()
    {
        await using var host = await XcapHost.StartAsync();
        var told = new List<DocumentSelector>();
        host.Documents.Changed += _ => throw new InvalidOperationException("too much");
        host.Documents.Changed += told.Add;

        var put = await host.PutGroupAsync(XcapHost.Group());
        var delete = await host.DeleteAsync(XcapHost.SkiPath);

        Assert.Equal((201, 200), (put.Code, delete.Code));
        Assert.Equal([_ski, _group, _ski, _group], told);
    }

    [Fact]
    public async Task A_change_is_told_for_the_document_and_for_its_old_and_new_groups()
    {
        await using var host = await XcapHost.StartAsync();
        var told = new List<DocumentSelector>();
        host.Documents.Changed += told.Add;

        await host.PutGroupAsync(XcapHost.Group());
        Assert.Equal([_ski, _group], told);

        told.Clear();
        var other = DocumentSelector.OfGroup("sip:other@groups.example.com");
        await host.PutGroupAsync(XcapHost.Group(other.GroupKey!));
        Assert.Equal([_ski, other, _group], told);

        told.Clear();
        await host.PutGroupAsync(XcapHost.Group(other.GroupKey!));
        await host.PutGroupAsync("nonsense");
        await host.PutGroupAsync(XcapHost.Group(), ("If-Match", "\"x\""));
        Assert.Empty(told);

        await host.DeleteAsync(XcapHost.SkiPath);
        Assert.Equal([_ski, other], told);
    }

    [Fact]
    public async Task Who_is_told_reads_the_new_document()
    {
        await using var host = await XcapHost.StartAsync();
        await host.PutGroupAsync(XcapHost.Group());
        var seen = new List<string?>();
        host.Documents.Changed += selector =>
        {
            var read = host.Documents.ReadAsync(selector, Cancel);
            Assert.True(read.IsCompletedSuccessfully);
            seen.Add(read.Result?.ETag);
        };

        var answer = await host.PutGroupAsync(XcapHost.Group(more: " "));
        await host.DeleteAsync(XcapHost.SkiPath);

        Assert.Equal([answer.ETag, answer.ETag, null, null], seen);
    }

    [Fact]
    public async Task Readers_see_what_was_answered_before_they_asked()
    {
        // Too small for both names of the document: each read is one of the store, now and then.
        await using var host = await XcapHost.StartAsync(("CacheBytes", "1500"));
        using var done = new CancellationTokenSource();
        var answered = 0;
        var readers = Enumerable.Range(0, 4).Select(reader => Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                var least = Volatile.Read(ref answered);
                var document = await host.Documents.ReadAsync(reader % 2 == 0 ? _group : _ski, Cancel);
                var version = document is null ? 0 : VersionIn(document);
                Assert.True(version >= least, $"{version} after {least}");
            }
        })).ToArray();

        for (var version = 1; version <= 150; version++)
        {
            var answer = await host.PutGroupAsync(XcapHost.Group(more: $"<!--v{version}!-->"));
            Assert.InRange(answer.Code, 200, 201);
            Volatile.Write(ref answered, version);
        }

        await done.CancelAsync();
        await Task.WhenAll(readers);
    }

    [Fact]
    public void After_a_write_that_may_have_failed_nothing_is_known()
    {
        var cache = new DocumentCache(capacity: 10 * 1024);
        cache.Replace(_ski, Document(1, 10), cache.VersionOf(_ski));
        Assert.False(cache.TryGet(_group, out _, out var version));

        cache.Clear();
        cache.Keep(_group, Document(2, 10), version);

        Assert.False(cache.TryGet(_ski, out _, out _));
        Assert.False(cache.TryGet(_group, out _, out _));
        Assert.Equal(0, cache.Bytes);
    }

    [Fact]
    public void The_cache_is_bounded_and_keeps_what_was_used_last()
    {
        var cache = new DocumentCache(capacity: 10 * 1024);
        for (var number = 0; number < 100; number++)
        {
            cache.Replace(Selector(number), Document(number, 512), cache.VersionOf(Selector(number)));
            Assert.True(cache.TryGet(Selector(0), out _, out _) || number >= 10);
            Assert.InRange(cache.Bytes, 1, 10 * 1024);
        }

        Assert.True(cache.TryGet(Selector(0), out var first, out _));
        Assert.Equal("e0", first!.Entry.ETag);
        Assert.True(cache.TryGet(Selector(99), out _, out _));
        Assert.False(cache.TryGet(Selector(50), out _, out _));
    }

    [Fact]
    public void What_was_written_is_not_known_when_there_was_news_before_it_was_answered()
    {
        var cache = new DocumentCache(capacity: 10 * 1024);
        var version = cache.VersionOf(_ski);

        cache.Forget(_ski);
        cache.Replace(_ski, Document(1, 10), version);

        Assert.False(cache.TryGet(_ski, out _, out _));
    }

    [Fact]
    public void What_was_read_before_a_write_is_not_kept_after_it()
    {
        var cache = new DocumentCache(capacity: 10 * 1024);
        Assert.False(cache.TryGet(_ski, out _, out var version));

        cache.Forget(_ski);
        cache.Keep(_ski, Document(1, 10), version);
        Assert.False(cache.TryGet(_ski, out _, out version));

        cache.Keep(_ski, null, version);
        Assert.True(cache.TryGet(_ski, out var document, out _));
        Assert.Null(document);
    }

    private static int VersionIn(XdmDocument document) =>
        int.Parse(Encoding.UTF8.GetString(document.Content.Span).Split("<!--v")[1].Split('!')[0], null);

    private static DocumentSelector Selector(int number) => new("a", "u", "d" + number);

    private static StoredDocument Document(int number, int size) =>
        new(new(Selector(number), "e" + number, default, size), new byte[size]);
}
