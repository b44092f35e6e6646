using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Protocol.Tests.Xdm;

/// <summary>RFC 5875 4.2: documents and collections.</summary>
public class DocumentTargetTests
{
    private static readonly DocumentSelector index = new("resource-lists", "sip:joe@example.com", "index");
    private static readonly DocumentSelector rules =
        new(ApplicationUsage.AccessRules, "sip:joe@example.com", "access-rules");

    [Theory]
    [InlineData("resource-lists/users/sip:joe@example.com/index")]
    [InlineData("/resource-lists/users/sip%3Ajoe%40EXAMPLE.com/index")]
    [InlineData("https://xcap.example.com/xcap-root/resource-lists/users/sip:joe@example.com/index")]
    [InlineData("resource-lists/users/sip:joe@example.com/index/~~/resource-lists/list%5b1%5d")]
    public void A_document_covers_itself_however_it_is_written(string text)
    {
        Assert.True(DocumentTarget.TryParse(text, out var target));

        Assert.Equal(DocumentTarget.Of(index), target);
        Assert.True(target.Covers(index));
        Assert.False(target.Covers(index with { Path = "index2" }));
        Assert.False(target.Covers(index with { User = "sip:ann@example.com" }));
        Assert.False(target.Covers(index with { Auid = "rls-services" }));
    }

    [Fact]
    public void A_collection_covers_what_is_below_it()
    {
        Assert.True(DocumentTarget.TryParse("resource-lists/users/sip:joe@example.com/", out var all));
        Assert.True(DocumentTarget.TryParse("http://x/resource-lists/users/sip:joe@example.com/old/", out var some));

        Assert.True(all.IsCollection && some.IsCollection);
        Assert.True(all.Covers(index) && all.Covers(index with { Path = "old/index" }));
        Assert.False(all.Covers(rules));
        Assert.False(some.Covers(index));
        Assert.True(some.Covers(index with { Path = "old/index" }));
    }

    [Fact]
    public void All_of_a_user_covers_every_usage_of_his_and_nothing_else()
    {
        var all = DocumentTarget.AllOf("sip:joe@example.com");

        Assert.True(all.Covers(index) && all.Covers(rules));
        Assert.False(all.Covers(rules with { User = "sip:ann@example.com" }));
        Assert.False(all.Covers(DocumentSelector.OfGroup("sip:joe@example.com")));
    }

    [Fact]
    public void A_group_is_found_by_its_uri()
    {
        Assert.True(DocumentTarget.TryParse(
            "org.openmobilealliance.groups/global/byGroupID/sip%3Aski%40Groups.example.com", out var target));

        Assert.True(target.Covers(DocumentSelector.OfGroup("sip:ski@groups.example.com")));
    }

    [Theory]
    [InlineData(""), InlineData("/"), InlineData("resource-lists"), InlineData("resource-lists/users/")]
    [InlineData("resource-lists/users//"), InlineData("resource-lists/users/a/../index")]
    [InlineData("sip:joe@example.com"), InlineData("http://xcap.example.com"), InlineData("a/users/b/%zz")]
    public void What_names_no_document_is_refused(string text) => Assert.False(DocumentTarget.TryParse(text, out _));
}
