using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Protocol.Tests.Xdm;

/// <summary>XCAP URIs as they come, RFC 4825 6, and the tricks one can play with them.</summary>
public class XcapUriTests
{
    private const string Lists = "resource-lists/users/sip:alice@example.com/index";

    [Theory]
    [InlineData("resource-lists/users/sip:alice@example.com/index")]
    [InlineData("/resource-lists/users/sip:alice@example.com/index")]
    [InlineData("resource-lists/users/sip%3Aalice%40example.com/index")]
    [InlineData("resource-lists/users/sip%3aalice@example.com/inde%78")]
    [InlineData("resource-lists/users/sips:alice@EXAMPLE.com:5061;transport=tls/index")]
    [InlineData("resource-lists/users/sip:%2561lice@example.com/index")]
    public void Two_spellings_of_a_user_name_the_same_document(string target)
    {
        Assert.Equal(XcapUriResult.Ok, XcapUri.Parse(target, out var uri));

        Assert.Equal(new(ApplicationUsage.ResourceLists, "sip:alice@example.com", "index"), uri.Document);
        Assert.Null(uri.Node);
        Assert.Equal(Lists, uri.ToString());
    }

    [Theory]
    [InlineData("org.openmobilealliance.groups/global/byGroupID/sip:ski@groups.example.com")]
    [InlineData("org.openmobilealliance.groups/global/byGroup/sip%3Aski%40Groups.Example.COM")]
    [InlineData("org.openmobilealliance.poc-groups/global/byGroupID/sip:ski@groups.example.com;x=y")]
    public void A_group_is_looked_up_by_its_address_key(string target)
    {
        Assert.Equal(XcapUriResult.Ok, XcapUri.Parse(target, out var uri));

        Assert.Equal(DocumentSelector.OfGroup("sip:ski@groups.example.com"), uri.Document);
        Assert.Equal("sip:ski@groups.example.com", uri.Document.GroupKey);
    }

    [Fact]
    public void A_telephone_number_and_any_other_text_may_name_a_user()
    {
        Assert.Equal(XcapUriResult.Ok, XcapUri.Parse("resource-lists/users/tel:+1-555-0100/index", out var phone));
        Assert.Equal(XcapUriResult.Ok, XcapUri.Parse("resource-lists/users/%C3%A9mile/index", out var name));

        Assert.Equal("tel:+15550100", phone.Document.User);
        Assert.Equal("émile", name.Document.User);
        Assert.Equal("resource-lists/users/%C3%A9mile/index", name.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("resource-lists")]
    [InlineData("resource-lists/users/sip:alice@example.com")]
    [InlineData("resource-lists/users/sip:alice@example.com/")]
    [InlineData("resource-lists//users/sip:alice@example.com/index")]
    [InlineData("resource-lists/users//index")]
    [InlineData("resource-lists/users/sip:alice@example.com//index")]
    [InlineData("resource-lists/others/sip:alice@example.com/index")]
    [InlineData("~~/a")]
    public void What_can_name_no_document_names_none(string target) =>
        Assert.Equal(XcapUriResult.NoDocument, XcapUri.Parse(target, out _));

    [Theory]
    [InlineData("resource-lists/users/sip:bob@example.com/../sip:alice@example.com/index")]
    [InlineData("resource-lists/users/sip:bob@example.com/%2e%2E/index")]
    [InlineData("resource-lists/users/./index/x")]
    [InlineData("resource-lists/users/sip:alice@example.com/a%2Fb")]
    [InlineData("resource-lists/users/sip:alice@example.com/index%00")]
    [InlineData("resource-lists/users/sip:alice%2500@example.com/index")]
    [InlineData("resource-lists/users/sip:alice@example.com/index%0a")]
    [InlineData("resource-lists/users/sip:alice@example.com/%C0%AE%C0%AE")]
    [InlineData("resource-lists/users/sip:alice@example.com/%ff")]
    [InlineData("resource-lists/users/sip:alice@example.com/%ED%A0%80")]
    [InlineData("resource-lists/users/sip:alice@example.com/index%")]
    [InlineData("resource-lists/users/sip:alice@example.com/index%4")]
    [InlineData("resource-lists/users/sip:alice@example.com/index%zz")]
    [InlineData("resource-lists/users/sip:alice@example.com/ind\tex")]
    [InlineData("resource-lists/users/sip:alice@example.com/ind\u00e9x")]
    public void Tricks_with_the_path_are_refused(string target) =>
        Assert.Equal(XcapUriResult.Malformed, XcapUri.Parse(target, out _));

    [Fact]
    public void What_is_escaped_twice_is_unescaped_once()
    {
        Assert.Equal(
            XcapUriResult.Ok, XcapUri.Parse("resource-lists/users/sip:alice@example.com/%252e%252e%252f", out var uri));

        Assert.Equal("%2e%2e%2f", uri.Document.Path);
        Assert.Equal("resource-lists/users/sip:alice@example.com/%252e%252e%252f", uri.ToString());
    }

    [Fact]
    public void A_URI_is_bounded()
    {
        var tooLong = Lists + "/" + new string('a', XcapUri.MaxLength);
        var tooDeep = Lists + string.Concat(Enumerable.Repeat("/a", XcapUri.MaxSegments));
        var tooManySteps = Lists + "/~~" + string.Concat(Enumerable.Repeat("/a", NodeSelector.MaxSteps + 2));

        Assert.All([tooLong, tooDeep, tooManySteps], target =>
            Assert.Equal(XcapUriResult.Malformed, XcapUri.Parse(target, out _)));
    }

    [Theory]
    [InlineData("https://h/resource-lists/users/sip:bob@example.com/index/~~/resource-lists/list%5b@name=%22ski%22%5d")]
    [InlineData("http://h:80/a/b/resource-lists/users/sip:bob@example.com/index/~~/resource-lists/list[@name=\"ski\"]")]
    [InlineData("resource-lists/users/sip:bob@example.com/index/~~/resource-lists/list%5B@name=%22ski%22%5D")]
    [InlineData("/xcap-root/resource-lists/users/sip:bob@example.com/index/~~/resource-lists/list[@name='ski']")]
    public void A_reference_may_be_absolute_or_relative(string text)
    {
        Assert.True(XcapUri.TryParseReference(text, out var uri));

        Assert.Equal(new(ApplicationUsage.ResourceLists, "sip:bob@example.com", "index"), uri.Document);
        Assert.Equal("ski", uri.Node!.Steps[1].AttributeValue);
    }

    [Theory]
    [InlineData("")]
    [InlineData("http://xcap.example.com")]
    [InlineData("http://xcap.example.com/users/x/y")]
    [InlineData("users/a/b")]
    [InlineData("file:///etc/passwd")]
    public void What_names_no_document_is_no_reference(string text) =>
        Assert.False(XcapUri.TryParseReference(text, out _));
}
