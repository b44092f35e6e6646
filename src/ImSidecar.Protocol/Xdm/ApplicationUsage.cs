namespace ImSidecar.Protocol.Xdm;

/// <summary>Names of the XCAP application usages of OMA IM, RFC 4825 5 and Shared Group XDM.</summary>
public static class ApplicationUsage
{
    public const string Groups = "org.openmobilealliance.groups";
    public const string PocGroups = "org.openmobilealliance.poc-groups";
    public const string AccessRules = "org.openmobilealliance.access-rules";
    public const string ResourceLists = "resource-lists";

    /// <summary>Where the global tree of the groups is searched by group URI.</summary>
    public const string ByGroup = "byGroupID/";
}
