using System.Collections.Immutable;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Server.Xdm.Embedded;

/// <summary>What application usages demand beyond their schemas, RFC 4825 5.3, RFC 4826 3.4.5 and 4.4.5.</summary>
internal static class DocumentConstraints
{
    public const string GroupNamespace = "urn:oma:xml:poc:list-service";
    private const string ListsNamespace = "urn:ietf:params:xml:ns:resource-lists";
    private const string PolicyNamespace = "urn:ietf:params:xml:ns:common-policy";

    public static XcapError? OfGroups(XmlOutline document)
    {
        var services = document.Root.Children;
        foreach (var service in services)
        {
            if (service.Attribute("uri") is { } uri
                && (!SipUri.TryParse(uri, out var address) || address.Bare.User.Length == 0))
                return new(XcapErrorKind.ConstraintFailure, "A group has a SIP URI with a user part");
        }

        return Duplicate("group/list-service/@uri", services, GroupKey)
            ?? services.Select(OfGroup).FirstOrDefault(error => error is not null);
    }

    public static XcapError? OfRules(XmlOutline document) => OfRuleset(document.Root, "ruleset");

    public static XcapError? OfLists(XmlOutline document) =>
        Duplicate("resource-lists/list/@name", Lists(document.Root), ListName)
        ?? Lists(document.Root)
            .Select(list => OfList(list, "resource-lists/list"))
            .FirstOrDefault(error => error is not null);

    public static XcapError? OfServices(XmlOutline document)
    {
        var services = document.Root.Children.Where(each => each.Local == "service").ToArray();
        return Duplicate("rls-services/service/@uri", services, service => service.Attribute("uri"))
            ?? services.SelectMany(service => service.Children)
                .Where(each => each.Local == "list")
                .Select(list => OfList(list, "rls-services/service/list"))
                .FirstOrDefault(error => error is not null);
    }

    /// <summary>The address key of a group; null without a URI.</summary>
    public static string? GroupKey(OutlineElement service) =>
        service.Attribute("uri") is { } uri ? DocumentSelector.Canonical(uri) : null;

    private static XcapError? OfGroup(OutlineElement service)
    {
        var list = service.Children.FirstOrDefault(each => each.Is("list", GroupNamespace));
        var rules = service.Children.Where(each => each.Is("ruleset", PolicyNamespace)).ToArray();
        if (rules.Length > 1)
            return new(XcapErrorKind.ConstraintFailure, "A group has one ruleset");

        return Duplicate("group/list-service/list/entry/@uri", Entries(list, GroupNamespace), EntryKey)
            ?? (rules.Length == 1 ? OfRuleset(rules[0], "group/list-service/ruleset") : null);
    }

    private static XcapError? OfRuleset(OutlineElement ruleset, string path) =>
        Duplicate(
            path + "/rule/@id", ruleset.Children.Where(each => each.Is("rule", PolicyNamespace)),
            rule => rule.Attribute("id"));

    private static XcapError? OfList(OutlineElement list, string path) =>
        Duplicate(path + "/entry/@uri", Entries(list, ListsNamespace), EntryKey)
        ?? Duplicate(path + "/entry-ref/@ref", Named(list, "entry-ref"), each => each.Attribute("ref"))
        ?? Duplicate(path + "/external/@anchor", Named(list, "external"), each => each.Attribute("anchor"))
        ?? Duplicate(path + "/list/@name", Lists(list), ListName)
        ?? Lists(list).Select(inner => OfList(inner, path + "/list")).FirstOrDefault(error => error is not null);

    private static IEnumerable<OutlineElement> Lists(OutlineElement parent) => Named(parent, "list");

    private static IEnumerable<OutlineElement> Named(OutlineElement parent, string name) =>
        parent.Children.Where(each => each.Is(name, ListsNamespace));

    private static IEnumerable<OutlineElement> Entries(OutlineElement? list, string ns) =>
        list?.Children.Where(each => each.Is("entry", ns)) ?? [];

    private static string? ListName(OutlineElement list) => list.Attribute("name");

    // Two spellings of one user are one user.
    private static string? EntryKey(OutlineElement entry) =>
        entry.Attribute("uri") is { } uri ? DocumentSelector.Canonical(uri) : null;

    /// <summary>Elements without a value do not count.</summary>
    private static XcapError? Duplicate(
        string field, IEnumerable<OutlineElement> elements, Func<OutlineElement, string?> value)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var isDuplicate = elements.Select(value).OfType<string>().Any(each => !seen.Add(each));
        return isDuplicate
            ? new(XcapErrorKind.UniquenessFailure, "Two siblings have the same value")
            {
                Conflicts = [new(field, ImmutableArray<string>.Empty)],
            }
            : null;
    }
}
