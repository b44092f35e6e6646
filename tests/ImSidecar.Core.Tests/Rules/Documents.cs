using System.Collections.Immutable;
using System.Text;
using ImSidecar.Core.Rules;
using ImSidecar.Protocol.Tests;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Core.Tests.Rules;

/// <summary>Documents of XDM for tests: a test writes the rules that matter to it.</summary>
internal static class Documents
{
    public const string Anchor =
        "https://xcap.example.com/xcap-root/resource-lists/users/sip:alice@example.com/index/~~/resource-lists/list%5b";

    private const string Namespaces =
        " xmlns='urn:oma:xml:poc:list-service' xmlns:rl='urn:ietf:params:xml:ns:resource-lists'"
        + " xmlns:cr='urn:ietf:params:xml:ns:common-policy' xmlns:ocp='urn:oma:xml:xdm:common-policy'"
        + " xmlns:oxe='urn:oma:xml:xdm:extensions' xmlns:x21='urn:oma:xml:xdm:2.1extensions'"
        + " xmlns:poc='urn:oma:xml:poc:poc-rules'";

    public static readonly RuleCircumstances Now = new() { Now = Given.start };

    public static readonly Dictionary<DocumentSelector, ReferencedDocument> NothingLoaded = [];

    public static GroupDocument Group(string xml)
    {
        Assert.True(GroupDocumentXml.TryParse(Encoding.UTF8.GetBytes(xml), out var groups, out var error), error);
        return Assert.Single(groups);
    }

    public static GroupDocument Example => Group(Encoding.UTF8.GetString(Vectors.Read("xdm/group.xml")));

    /// <summary>A group of alice and bob with these rules, and what else stands in it.</summary>
    public static GroupDocument GroupWith(string rules, string more = "", string externals = "") => Group(
        $"<group{Namespaces}><list-service uri='sip:g@groups.example.com'><list>"
        + $"<entry uri='sip:alice@example.com'/><entry uri='sip:bob@example.com'/>{externals}</list>"
        + $"<cr:ruleset>{rules}</cr:ruleset>{more}</list-service></group>");

    public static RuleSet RulesOf(string rules)
    {
        var xml = $"<cr:ruleset{Namespaces}>{rules}</cr:ruleset>";
        Assert.True(RuleSetXml.TryParse(Encoding.UTF8.GetBytes(xml), out var read, out var error), error);
        return read;
    }

    public static string Rule(string id, string conditions, string actions) =>
        $"<cr:rule id='{id}'><cr:conditions>{conditions}</cr:conditions><cr:actions>{actions}</cr:actions></cr:rule>";

    public static ReferencedDocument Lists(string lists)
    {
        var xml = $"<resource-lists xmlns='{XdmNames.ResourceLists}'>{lists}</resource-lists>";
        Assert.True(ResourceListsXml.TryParse(Encoding.UTF8.GetBytes(xml), out var read, out var error), error);
        return new(read);
    }

    public static DocumentSelector IndexOf(string user) => new("resource-lists", user, "index");

    /// <summary>Resolved at once: whatever it refers to is among the lists or does not exist.</summary>
    public static ResolvedGroup Resolve(
        GroupDocument document, Dictionary<DocumentSelector, ReferencedDocument>? lists = null,
        ImmutableArray<string> roots = default, string? owner = null) =>
        Resolve(loaded => ResolvedGroup.Expand(document, loaded, roots, owner), lists);

    public static ResolvedUser Resolve(
        string user, RuleSet? rules, Dictionary<DocumentSelector, ReferencedDocument>? lists = null) =>
        Resolve(loaded => ResolvedUser.Expand(user, rules, loaded), lists);

    // What the shell does: load what is missing and ask again.
    private static T Resolve<T>(
        Func<IReadOnlyDictionary<DocumentSelector, ReferencedDocument>, Expansion<T>> expand,
        Dictionary<DocumentSelector, ReferencedDocument>? lists)
        where T : class
    {
        var loaded = new Dictionary<DocumentSelector, ReferencedDocument>();
        for (var round = 0; round <= 32; round++)
        {
            var expansion = expand(loaded);
            if (expansion.Resolved is { } resolved)
                return resolved;

            Assert.NotEmpty(expansion.Missing);
            foreach (var missing in expansion.Missing)
                loaded.Add(missing, lists?.GetValueOrDefault(missing) ?? new ReferencedDocument(null));
        }

        throw new InvalidOperationException("Always more is missing");
    }
}
