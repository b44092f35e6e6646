using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Xdm;
using ImSidecar.Server.Xdm.Diff;

namespace ImSidecar.Server.Tests.Xdm.Diff;

/// <summary>What is read before the rules of a subscription run.</summary>
public sealed class DocumentIndexTests
{
    private static readonly DocumentSelector lists = new("resource-lists", "sip:alice@example.com", "index");
    private static readonly DocumentSelector group =
        new(ApplicationUsage.Groups, "sip:alice@example.com", "ski");

    private readonly ListedDocuments _documents = new();

    public DocumentIndexTests()
    {
        _documents.Put(lists, "l1");
        _documents.Put(group, "g1", "sip:ski@groups.example.com");
    }

    [Theory]
    [InlineData("resource-lists/users/sip:alice@example.com/index", "l1")]
    [InlineData("resource-lists/users/sip:alice@example.com/", "l1")]
    [InlineData("resource-lists/users/sip:alice@example.com/other", "")]
    [InlineData("org.openmobilealliance.groups/users/sip:alice@example.com/", "g1")]
    [InlineData("org.openmobilealliance.groups/global/byGroupID/sip:ski@groups.example.com", "g1")]
    [InlineData("org.openmobilealliance.groups/global/byGroupID/sip:none@groups.example.com", "")]
    [InlineData("org.openmobilealliance.groups/global/byGroupID/", "")]
    [InlineData("resource-lists/global/index", "")]
    public async Task What_a_target_names_is_found(string text, string etags)
    {
        Assert.True(DocumentTarget.TryParse(text, out var target));

        var known = await ReadAsync(target);

        Assert.Equal(etags, string.Join(' ', known.Select(each => each.ETag)));
        Assert.All(known, each => Assert.True(target.Covers(each.Document)));
        Assert.All(known, each => Assert.Equal("sip:alice@example.com", each.Owner));
    }

    [Fact]
    public async Task Several_targets_of_one_usage_are_read_at_once()
    {
        var before = _documents.Reads;

        var known = await ReadAsync(
            DocumentTarget.Of(lists), DocumentTarget.Of(lists with { Path = "b" }), DocumentTarget.Of(group));

        Assert.Equal((2, 2), (known.Length, _documents.Reads - before));
    }

    [Fact]
    public async Task Where_another_server_has_them_nothing_is_read() =>
        Assert.Empty(await new DocumentIndex(_documents, new(false, "http://x/"))
            .ReadAsync([DocumentTarget.Of(lists)], CancellationToken.None));

    private ValueTask<ImmutableArray<KnownDocument>> ReadAsync(params ImmutableArray<DocumentTarget> targets) =>
        new DocumentIndex(_documents, new(true, "http://x/"))
            .ReadAsync(targets, CancellationToken.None);
}
