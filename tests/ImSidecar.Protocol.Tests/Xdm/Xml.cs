using System.Text;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Protocol.Tests.Xdm;

/// <summary>Documents of XDM with all prefixes bound.</summary>
internal static class Xml
{
    public const string Namespaces =
        " xmlns='urn:oma:xml:poc:list-service' xmlns:rl='urn:ietf:params:xml:ns:resource-lists'"
        + " xmlns:cr='urn:ietf:params:xml:ns:common-policy' xmlns:ocp='urn:oma:xml:xdm:common-policy'"
        + " xmlns:oxe='urn:oma:xml:xdm:extensions' xmlns:x21='urn:oma:xml:xdm:2.1extensions'"
        + " xmlns:poc='urn:oma:xml:poc:poc-rules' xmlns:x='urn:example:x'";

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static byte[] Group(string content) =>
        Bytes($"<group{Namespaces}><list-service uri='sip:g@example.com'>{content}</list-service></group>");

    public static byte[] Rules(string content) => Bytes($"<cr:ruleset{Namespaces}>{content}</cr:ruleset>");

    public static byte[] Rule(string conditions, string actions = "") => Rules(
        $"<cr:rule id='r'><cr:conditions>{conditions}</cr:conditions><cr:actions>{actions}</cr:actions></cr:rule>");

    public static Rule ReadRule(string conditions, string actions = "")
    {
        Assert.True(RuleSetXml.TryParse(Rule(conditions, actions), out var rules, out var error), error);
        return Assert.Single(rules.Rules);
    }

    public static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));
}
