using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Server.Xdm.Embedded;

/// <summary>The application usages that are served.</summary>
internal static class XcapUsages
{
    public const string CapabilitiesNamespace = "urn:ietf:params:xml:ns:xcap-caps";
    public const string DirectoryNamespace = "urn:oma:xml:xdm:xcap-directory";
    public const string Capabilities = "xcap-caps";
    public const string Directory = "org.openmobilealliance.xcap-directory";
    public const string DirectoryName = "directory.xml";

    private const string ListsNamespace = "urn:ietf:params:xml:ns:resource-lists";
    private const string PolicyNamespace = "urn:ietf:params:xml:ns:common-policy";
    private const string ProfileNamespace = "urn:oma:xml:xdm:user-profile";
    private const string PolicyType = "application/auth-policy+xml";
    private const string ProfileType = "application/vnd.oma.user-profile+xml";

    public static IReadOnlyList<XcapUsage> All { get; } =
    [
        new(ApplicationUsage.Groups, "application/vnd.oma.poc.groups+xml", DocumentConstraints.GroupNamespace)
        {
            Root = "group",
            HasSchema = true,
            Constraint = DocumentConstraints.OfGroups,
            Obstacle = body => GroupDocumentXml.TryParse(body, out _, out var error) ? null : error,
        },
        new(ApplicationUsage.AccessRules, PolicyType, PolicyNamespace)
        {
            Root = "ruleset",
            DocumentName = "access-rules",
            HasSchema = true,
            Constraint = DocumentConstraints.OfRules,
            Obstacle = body => RuleSetXml.TryParse(body, out _, out var error) ? null : error,
        },
        new("org.openmobilealliance.poc-rules", PolicyType, PolicyNamespace)
        {
            Root = "ruleset",
            HasSchema = true,
            Constraint = DocumentConstraints.OfRules,
        },
        new("org.openmobilealliance.pres-rules", PolicyType, PolicyNamespace)
        {
            Root = "ruleset",
            DocumentName = "pres-rules",
            HasSchema = true,
            Constraint = DocumentConstraints.OfRules,
        },
        new(ApplicationUsage.ResourceLists, "application/resource-lists+xml", ListsNamespace)
        {
            Root = "resource-lists",
            HasSchema = true,
            Constraint = DocumentConstraints.OfLists,
            Obstacle = body => ResourceListsXml.TryParse(body, out _, out var error) ? null : error,
        },
        new("org.openmobilealliance.group-usage-list", "application/vnd.oma.group-usage-list+xml", ListsNamespace)
        {
            Root = "resource-lists",
            DocumentName = "index",
            HasSchema = true,
            Constraint = DocumentConstraints.OfLists,
        },
        new("rls-services", "application/rls-services+xml", "urn:ietf:params:xml:ns:rls-services")
        {
            Root = "rls-services",
            HasSchema = true,
            Constraint = DocumentConstraints.OfServices,
        },
        new(DeferredListDocument.Auid, "application/vnd.oma.im.deferred-list+xml", DeferredListDocument.Namespace)
        {
            DocumentName = DeferredListDocument.Name,
            IsGenerated = true,
            MayBeDeleted = true,
        },
        new("org.openmobilealliance.conv-history", "application/vnd.oma.im.history-list+xml", DeferredListDocument.Namespace)
        {
            DocumentName = "conv-history",
        },
        new("org.openmobilealliance.user-profile", ProfileType, ProfileNamespace),
        new("org.openmobilealliance.locked-user-profile", ProfileType, ProfileNamespace) { IsLocked = true },
        new(Directory, "application/vnd.oma.xcap-directory+xml", DirectoryNamespace) { IsGenerated = true },
        new(Capabilities, "application/xcap-caps+xml", CapabilitiesNamespace) { IsGenerated = true },
    ];

    private static readonly Dictionary<string, XcapUsage> _byAuid =
        All.ToDictionary(usage => usage.Auid, StringComparer.Ordinal);

    public static XcapUsage? Find(string auid) => _byAuid.GetValueOrDefault(auid);
}
