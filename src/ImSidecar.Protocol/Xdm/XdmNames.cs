namespace ImSidecar.Protocol.Xdm;

/// <summary>XML namespaces of group documents, rules and lists: RFC 4745, RFC 4826, Shared Group XDM.</summary>
public static class XdmNames
{
    public const string ListService = "urn:oma:xml:poc:list-service";
    public const string CommonPolicy = "urn:ietf:params:xml:ns:common-policy";
    public const string OmaCommonPolicy = "urn:oma:xml:xdm:common-policy";
    public const string Extensions = "urn:oma:xml:xdm:extensions";
    public const string Extensions21 = "urn:oma:xml:xdm:2.1extensions";
    public const string PocRules = "urn:oma:xml:poc:poc-rules";
    public const string ResourceLists = "urn:ietf:params:xml:ns:resource-lists";

    /// <summary>What the drafts of 2005 called the namespace of groups; read, never written.</summary>
    public const string DraftListService = "urn:oma:params:xml:ns:list-service";

    internal static string Canonical(string xmlNamespace) =>
        xmlNamespace == DraftListService ? ListService : xmlNamespace;
}
