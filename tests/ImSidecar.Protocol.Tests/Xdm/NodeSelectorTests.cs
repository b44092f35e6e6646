using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Protocol.Tests.Xdm;

/// <summary>Node selectors, RFC 4825 6.3 and 6.4.</summary>
public class NodeSelectorTests
{
    private const string Document = "resource-lists/users/sip:alice@example.com/index/~~/";

    [Theory]
    [InlineData("resource-lists")]
    [InlineData("resource-lists/list[2]")]
    [InlineData("resource-lists/list[@name=\"a\"]/entry[@uri='sip:x@y/z']")]
    [InlineData("resource-lists/*[1][@name=\"a/b]c\"]")]
    [InlineData("*/*")]
    [InlineData("resource-lists/list/@name")]
    [InlineData("resource-lists/namespace::*")]
    [InlineData("a/b[@xml:lang=\"de\"]")]
    public void A_selector_is_read_and_written(string text)
    {
        var escaped = Document + Uri.EscapeDataString(text).Replace("%2F", "/", StringComparison.Ordinal);
        Assert.Equal(XcapUriResult.Ok, XcapUri.Parse(escaped, out var uri));

        Assert.Equal(XcapUriResult.Ok, XcapUri.Parse(uri.ToString(), out var again));
        Assert.Equal(uri.Node!.Escaped, again.Node!.Escaped);
        Assert.Equal(Document + text, Uri.UnescapeDataString(uri.ToString()));
    }

    [Fact]
    public void A_step_has_name_position_and_attribute()
    {
        var step = Parse("a/b[12][@c=\"&quot;&#x41;&amp;&apos;\"]").Steps[1];

        Assert.Equal(new("", "b"), step.Name! with { Namespace = "" });
        Assert.Null(step.Name.Namespace);
        Assert.Equal(12, step.Position);
        Assert.Equal("c", step.Attribute!.Local);
        Assert.Equal("\"A&'", step.AttributeValue);
    }

    [Fact]
    public void A_quote_may_be_escaped_in_the_URI_and_hold_slashes()
    {
        var selector = Parse("list%5b@name=%22a/b%2Fc%22%5d/entry");

        Assert.Equal(2, selector.Steps.Length);
        Assert.Equal("a/b/c", selector.Steps[0].AttributeValue);
    }

    [Theory]
    [InlineData("p:list/@q:name?xmlns(p=urn:one)xmlns(q=urn:two)")]
    [InlineData("p:list/@q:name?xmlns(p=urn:one)%20xmlns(q=urn:two)")]
    [InlineData("p:list/@q:name?xmlns%28p%3Durn%3Aone%29xmlns(q=urn:two)xmlns(r=urn:with^(odd^)^^(parts))")]
    public void Prefixes_are_bound_by_the_query(string text)
    {
        var selector = Parse(text);

        Assert.Equal(new NodeName("urn:one", "list"), selector.Steps[0].Name);
        Assert.Equal(new NodeName("urn:two", "name"), selector.Attribute);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("a//b")]
    [InlineData("a/")]
    [InlineData("@a")]
    [InlineData("namespace::*")]
    [InlineData("a[0x1]")]
    [InlineData("a[1")]
    [InlineData("a[99999999999]")]
    [InlineData("a[-1]")]
    [InlineData("a[@b=c]")]
    [InlineData("a[@b=\"c]")]
    [InlineData("a[@b=\"c'\"x\"]")]
    [InlineData("a[@b]")]
    [InlineData("a[b=\"c\"]")]
    [InlineData("a[@b=\"<\"]")]
    [InlineData("a[@b=\"&unknown;\"]")]
    [InlineData("a[@b=\"&#0;\"]")]
    [InlineData("a[@b=\"c\"][1]")]
    [InlineData("a[1][2]")]
    [InlineData("a[last()]")]
    [InlineData("a|b")]
    [InlineData("../a")]
    [InlineData("a/text()")]
    [InlineData("1a")]
    [InlineData("a:b:c?xmlns(a=urn:x)")]
    [InlineData("p:a")]
    [InlineData("a[@p:b=\"c\"]")]
    [InlineData("a?xmlns(p=urn:x")]
    [InlineData("a?xmlns(p)")]
    [InlineData("a?xmlns(=urn:x)")]
    [InlineData("a?xmlns(p=)")]
    [InlineData("a?xmlns(p=urn:x)xmlns(p=urn:y)")]
    [InlineData("a?xmlns(xml=urn:x)")]
    [InlineData("a?xpointer(x)")]
    [InlineData("a?x=y")]
    [InlineData("a?xmlns(p=urn:x^")]
    public void What_is_no_selector_is_refused(string text) =>
        Assert.Equal(XcapUriResult.Malformed, XcapUri.Parse(Document + text, out _));

    private static NodeSelector Parse(string text)
    {
        Assert.Equal(XcapUriResult.Ok, XcapUri.Parse(Document + text, out var uri));
        return uri.Node!;
    }
}
