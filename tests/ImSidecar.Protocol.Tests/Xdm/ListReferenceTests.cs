using System.Text;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Protocol.Tests.Xdm;

/// <summary>RFC 4826 3.1: anchors and references, with the node selectors of RFC 4825 6.3 that they need.</summary>
public class ListReferenceTests
{
    private const string Index = "resource-lists/users/sip:alice@example.com/index/~~/resource-lists/";

    [Theory]
    [InlineData("https://xcap.example.com/xcap-root/" + Index + "list%5b@name=%22ski%22%5d")]
    [InlineData("https://xcap.example.com/xcap-root/" + Index + "list[@name=\"ski\"]")]
    [InlineData(
        "https://xcap.example.com/xcap-root/" + Index
        + "rl:list[@name='ski']?xmlns(rl=" + XdmNames.ResourceLists + ")")]
    [InlineData(
        "https://xcap.example.com/xcap-root/resource-lists/users/sip%3Aalice%40EXAMPLE.com/index/~~/resource-lists"
        + "/list%5B%40name%3D%22ski%22%5D")]
    public void Two_spellings_are_one_reference(string text)
    {
        Assert.True(ListReference.TryParse(text, out var reference));

        Assert.Equal("https://xcap.example.com/xcap-root/", reference.Root);
        Assert.Equal(new DocumentSelector("resource-lists", "sip:alice@example.com", "index"), reference.Document);
        Assert.Equal(new ListStep(null, "ski"), Assert.Single(reference.Lists));
        Assert.Null(reference.Entry);
        Assert.Equal(Index + "list[@name=\"ski\"]", reference.ToString());
    }

    [Fact]
    public void An_entry_is_named_below_its_list()
    {
        Assert.True(ListReference.TryParse(
            Index + "list[2]/list[1][@name=\"a/b]\"]/entry%5b@uri=%22sip:x@y%22%5d", out var reference));

        Assert.Equal("", reference.Root);
        Assert.Equal([new(2, null), new ListStep(1, "a/b]")], reference.Lists);
        Assert.Equal(new ListStep(null, "sip:x@y"), reference.Entry);
    }

    [Fact]
    public void A_list_may_be_in_the_global_tree()
    {
        Assert.True(ListReference.TryParse(
            "http://x/resource-lists/global/a/b/~~/resource-lists/list", out var reference));

        Assert.Equal(new DocumentSelector("resource-lists", null, "a/b"), reference.Document);
        Assert.Equal(default, Assert.Single(reference.Lists));
    }

    [Theory]
    [InlineData("")]
    [InlineData("http://x")]
    [InlineData("resource-lists/users/sip:a@b/index")]
    [InlineData("rls-services/users/sip:a@b/index/~~/resource-lists/list")]
    [InlineData("resource-lists/users/sip:a@b/~~/resource-lists/list")]
    [InlineData("resource-lists/users/sip:a@b/../c/~~/resource-lists/list")]
    [InlineData("resource-lists/users/sip:a@b/%2e%2e/c/~~/resource-lists/list")]
    [InlineData("resource-lists/users//index/~~/resource-lists/list")]
    [InlineData("resource-lists/elsewhere/sip:a@b/index/~~/resource-lists/list")]
    [InlineData(Index)]
    [InlineData(Index + "/list")]
    [InlineData(Index + "entry[@uri=\"sip:x@y\"]")]
    [InlineData(Index + "list[-1]")]
    [InlineData(Index + "list[1][2]")]
    [InlineData(Index + "list[1")]
    [InlineData(Index + "list[]")]
    [InlineData(Index + "list[@name]")]
    [InlineData(Index + "list[@name=]")]
    [InlineData(Index + "list[@name=ski]")]
    [InlineData(Index + "list[@name=\"ski]")]
    [InlineData(Index + "list[@name=\"ski\"")]
    [InlineData(Index + "list[@name=\"ski\"][1]")]
    [InlineData(Index + "list[@name=\"ski\"]x")]
    [InlineData(Index + "list[@uri=\"ski\"]")]
    [InlineData(Index + "list/entry[@name=\"x\"]")]
    [InlineData(Index + "list/entry/list")]
    [InlineData(Index + "list/@name")]
    [InlineData(Index + "*")]
    [InlineData(Index + "rl:list")]
    [InlineData(Index + "rl:list?xmlns(rl=urn:x)")]
    public void What_names_no_list_and_no_entry_is_refused(string text) =>
        Assert.False(ListReference.TryParse(text, out _));

    [Fact]
    public void Length_and_steps_are_bounded()
    {
        Assert.True(ListReference.TryParse(Index + "list" + Xml.Repeat("/list", 30), out _));
        Assert.False(ListReference.TryParse(Index + "list" + Xml.Repeat("/list", 33), out _));
        Assert.False(ListReference.TryParse(Index + $"list[@name=\"{new string('a', 2048)}\"]", out _));
    }

    [Fact]
    public void Damaged_references_never_throw()
    {
        foreach (var spoiled in Damage.Of(Encoding.UTF8.GetBytes(
            "https://x/xcap-root/" + Index + "list[1][@name=\"a\"]/entry%5b@uri=%22sip:x@y%22%5d?xmlns(a=b)")))
            _ = ListReference.TryParse(Encoding.Latin1.GetString(spoiled), out _);
    }
}
