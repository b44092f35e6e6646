using System.Text;
using ImSidecar.Protocol.Xdm;
using ImSidecar.Server.Stores;

namespace ImSidecar.Server.Tests.Stores;

/// <summary>What every document store has to do.</summary>
public abstract class DocumentStoreContract
{
    private const string Alice = "sip:alice@example.com";
    private const string Ski = "sip:ski@groups.example.com";

    private static readonly DocumentSelector _selector = new(ApplicationUsage.Groups, Alice, "ski");

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>The store under test.</summary>
    private protected abstract IDocumentStore Store { get; }

    /// <summary>The same store as a restarted node sees it.</summary>
    private protected abstract Task<IDocumentStore> ReopenAsync();

    [Fact]
    public async Task A_document_is_read_as_it_was_written_after_a_restart()
    {
        await Written(Put(_selector, "<one/>", "e1", groups: [Ski]));

        var store = await ReopenAsync();
        var document = await store.ReadAsync(_selector, Cancel);
        Assert.Equal(new(_selector, "e1", Now, 6), document!.Entry);
        Assert.Equal("<one/>", Encoding.UTF8.GetString(document.Content.Span));
        Assert.Equal(_selector, (await store.FindGroupAsync(Ski, Cancel))!.Entry.Selector);
    }

    [Fact]
    public async Task Groups_are_listed_in_order_behind_any_place_and_by_owner()
    {
        const string bob = "sip:bob@example.com";
        await Written(Put(_selector, "<one/>", "e1", groups: [Ski, "sip:z@groups.example.com"]));
        await Written(Put(_selector with { User = bob }, "<two/>", "e2", groups: ["sip:a@groups.example.com"]));

        var all = await Store.ListGroupsAsync(null, "", 10, Cancel);
        Assert.Equal(
            ["sip:a@groups.example.com", Ski, "sip:z@groups.example.com"], all.Select(each => each.Group));
        Assert.Equal((_selector, "e1", 6L), (all[1].Document.Selector, all[1].Document.ETag, all[1].Document.Size));
        Assert.Equal([Ski], (await Store.ListGroupsAsync(Alice, "", 1, Cancel)).Select(each => each.Group));
        var behind = await Store.ListGroupsAsync(Alice, Ski, 10, Cancel);
        Assert.Equal("sip:z@groups.example.com", Assert.Single(behind).Group);
        Assert.Empty(await Store.ListGroupsAsync("sip:carol@example.com", "", 10, Cancel));
    }

    [Fact]
    public async Task What_is_not_there_is_null()
    {
        await Written(Put(_selector, "<one/>", "e1", groups: [Ski]));

        Assert.Null(await Store.ReadAsync(_selector with { Path = "Ski" }, Cancel));
        Assert.Null(await Store.ReadAsync(_selector with { User = null }, Cancel));
        Assert.Null(await Store.FindGroupAsync("sip:other@groups.example.com", Cancel));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("e0")]
    [InlineData("E1")]
    public async Task A_write_on_another_ETag_than_the_stored_one_changes_nothing(string? expected)
    {
        await Written(Put(_selector, "<one/>", "e1"));

        var replaced = await Store.WriteAsync(Put(_selector, "<two/>", "e2", expected, ["sip:x@y"]), Cancel);
        var deleted = await Store.WriteAsync(Delete(_selector, expected), Cancel);

        Assert.Equal(DocumentResult.Changed, replaced.Result);
        Assert.Equal(DocumentResult.Changed, deleted.Result);
        Assert.Equal("e1", (await Store.ReadAsync(_selector, Cancel))!.Entry.ETag);
        Assert.Null(await Store.FindGroupAsync("sip:x@y", Cancel));
    }

    [Fact]
    public async Task A_document_that_is_gone_cannot_be_replaced()
    {
        var outcome = await Store.WriteAsync(Put(_selector, "<two/>", "e2", "e1"), Cancel);

        Assert.Equal(DocumentResult.Changed, outcome.Result);
        Assert.Null(await Store.ReadAsync(_selector, Cancel));
    }

    [Fact]
    public async Task A_deleted_document_frees_its_groups_and_names_them()
    {
        await Written(Put(_selector, "<one/>", "e1", groups: [Ski]));

        var outcome = await Store.WriteAsync(Delete(_selector, "e1"), Cancel);

        Assert.Equal(DocumentResult.Written, outcome.Result);
        Assert.Equal([Ski], outcome.FormerGroups);
        Assert.Null(await Store.ReadAsync(_selector, Cancel));
        Assert.Null(await Store.FindGroupAsync(Ski, Cancel));
        await Written(Put(_selector with { Path = "again" }, "<one/>", "e1", groups: [Ski]));
    }

    [Fact]
    public async Task A_group_of_another_document_is_refused_and_named()
    {
        await Written(Put(_selector, "<one/>", "e1", groups: [Ski]));
        var other = _selector with { User = "sip:bob@example.com" };

        var outcome = await Store.WriteAsync(Put(other, "<two/>", "e2", groups: ["sip:free@x", Ski]), Cancel);

        Assert.Equal((DocumentResult.GroupTaken, Ski), (outcome.Result, outcome.TakenGroup));
        Assert.Null(await Store.ReadAsync(other, Cancel));
        Assert.Null(await Store.FindGroupAsync("sip:free@x", Cancel));
    }

    [Fact]
    public async Task A_document_changes_its_groups()
    {
        await Written(Put(_selector, "<one/>", "e1", groups: [Ski, "sip:b@x"]));

        var outcome = await Store.WriteAsync(Put(_selector, "<two/>", "e2", "e1", ["sip:b@x", "sip:c@x"]), Cancel);

        Assert.Equal([Ski, "sip:b@x"], outcome.FormerGroups.Order(StringComparer.Ordinal).Reverse());
        Assert.Null(await Store.FindGroupAsync(Ski, Cancel));
        Assert.Equal("e2", (await Store.FindGroupAsync("sip:b@x", Cancel))!.Entry.ETag);
        Assert.Equal("e2", (await Store.FindGroupAsync("sip:c@x", Cancel))!.Entry.ETag);
    }

    [Fact]
    public async Task Of_many_writers_on_one_ETag_exactly_one_is_first()
    {
        await Written(Put(_selector, "<one/>", "e1"));

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 50).Select(writer => Task.Run(async () =>
            await Store.WriteAsync(Put(_selector, $"<w{writer}/>", "w" + writer, "e1"), Cancel))));

        var first = Assert.Single(outcomes.Index(), outcome => outcome.Item.Result == DocumentResult.Written);
        Assert.Equal("w" + first.Index, (await Store.ReadAsync(_selector, Cancel))!.Entry.ETag);
    }

    [Fact]
    public async Task Of_many_users_with_one_new_group_exactly_one_has_it()
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 50).Select(writer => Task.Run(async () =>
            await Store.WriteAsync(
                Put(_selector with { User = $"sip:u{writer}@x" }, "<one/>", "e", groups: [Ski]), Cancel))));

        Assert.Single(outcomes, outcome => outcome.Result == DocumentResult.Written);
        Assert.Equal(49, outcomes.Count(outcome => outcome.Result == DocumentResult.GroupTaken));
    }

    [Fact]
    public async Task A_user_stays_within_his_quota_and_can_always_shrink()
    {
        var quota = new DocumentQuota(Documents: 2, Bytes: 20, Groups: 1);
        var second = _selector with { Path = "second" };
        await Written(Put(_selector, "<0123456/>", "e1", groups: [Ski]) with { Quota = quota });

        Assert.Equal(
            DocumentResult.TooManyBytes, await ResultAsync(Put(second, "<0123456789/>", "e2") with { Quota = quota }));
        Assert.Equal(
            DocumentResult.TooManyGroups,
            await ResultAsync(Put(second, "<a/>", "e2", groups: ["sip:b@x"]) with { Quota = quota }));
        await Written(Put(second, "<a/>", "e2") with { Quota = quota });
        Assert.Equal(
            DocumentResult.TooManyDocuments,
            await ResultAsync(Put(second with { Path = "third" }, "<a/>", "e3") with { Quota = quota }));

        // The quota of one is not that of another.
        await Written(Put(second with { User = "sip:bob@example.com" }, "<0123456789/>", "e") with { Quota = quota });
        await Written(Put(_selector, "<01/>", "e4", "e1", [Ski]) with { Quota = new(0, 0, 0) });
    }

    [Fact]
    public async Task A_list_holds_what_the_user_has_in_order()
    {
        var lists = new DocumentSelector(ApplicationUsage.ResourceLists, Alice, "index");
        await Written(Put(lists, "<l/>", "e1"));
        await Written(Put(_selector, "<ski/>", "e2"));
        await Written(Put(_selector with { Path = "chess" }, "<chess/>", "e3"));
        await Written(Put(_selector with { User = "sip:bob@example.com" }, "<ski/>", "e4"));

        var all = await Store.ListAsync(Alice, null, Cancel);
        var groups = await Store.ListAsync(Alice, ApplicationUsage.Groups, Cancel);

        Assert.Equal(["e3", "e2", "e1"], all.Select(entry => entry.ETag));
        Assert.Equal([new(_selector with { Path = "chess" }, "e3", Now, 8), new(_selector, "e2", Now, 6)], groups);
    }

    private static DateTimeOffset Now { get; } = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);

    private static DocumentWrite Put(
        DocumentSelector selector, string content, string etag, string? expected = null, params string[] groups) =>
        new()
        {
            Selector = selector,
            ExpectedETag = expected,
            Content = Encoding.UTF8.GetBytes(content),
            ETag = etag,
            Modified = Now,
            Groups = groups,
        };

    private static DocumentWrite Delete(DocumentSelector selector, string? expected) =>
        new() { Selector = selector, ExpectedETag = expected };

    private async Task<DocumentResult> ResultAsync(DocumentWrite write) =>
        (await Store.WriteAsync(write, Cancel)).Result;

    private async Task Written(DocumentWrite write) => Assert.Equal(DocumentResult.Written, await ResultAsync(write));
}
