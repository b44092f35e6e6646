using ImSidecar.Protocol.Sip;

namespace ImSidecar.Protocol.Tests.Sip;

/// <summary>RFC 3261 7.3.1: lists in a header value.</summary>
public class SipListTests
{
    private static List<string> Split(string text, char separator)
    {
        var parts = new List<string>();
        foreach (var part in new SipList(text, separator))
            parts.Add(part.ToString());
        return parts;
    }

    [Theory]
    [InlineData("a,b , c", new[] { "a", "b", "c" })]
    [InlineData("", new string[0])]
    [InlineData(" , ,, ", new string[0])]
    [InlineData("a,", new[] { "a" })]
    [InlineData("\"a,b\",c", new[] { "\"a,b\"", "c" })]
    [InlineData("\"a\\\",b\",c", new[] { "\"a\\\",b\"", "c" })]
    [InlineData("<sip:a,b@c>,d", new[] { "<sip:a,b@c>", "d" })]
    [InlineData("\"<\" <sip:a@b>,c", new[] { "\"<\" <sip:a@b>", "c" })]
    [InlineData("a>,b", new[] { "a>", "b" })]
    [InlineData("\"open,b", new[] { "\"open,b" })]
    [InlineData("<open,b", new[] { "<open,b" })]
    [InlineData("\"a\\", new[] { "\"a\\" })]
    [Trait("Spec", "RFC 3261 7.3.1")]
    public void Commas_separate_outside_of_quotes_and_brackets(string text, string[] parts) =>
        Assert.Equal(parts, Split(text, ','));

    [Fact, Trait("Spec", "RFC 3261 25.1")]
    public void Other_separators_do_so_too() => Assert.Equal(["id", "user"], Split("id; user", ';'));

    [Theory]
    [InlineData(";a=1;B=\"x;y\"", "b", "x;y"), InlineData("a", "A", ""), InlineData(";a=1", "b", null)]
    [InlineData("", "a", null)]
    [InlineData(";a=1;a=2", "a", "1"), InlineData(";ab=1", "a", null), InlineData(";a=", "a", "")]
    [InlineData(";=1", "", "1")]
    [InlineData(";a=\"x", "a", "\"x"), InlineData(";a=\"\"", "a", ""), InlineData(";a=\"", "a", "\"")]
    [Trait("Spec", "RFC 3261 25.1")]
    public void A_parameter_is_found(string parameters, string name, string? value) =>
        Assert.Equal(value, SipParameters.Find(parameters, name));
}
