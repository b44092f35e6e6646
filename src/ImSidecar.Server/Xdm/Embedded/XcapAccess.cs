using ImSidecar.Msrp;
using ImSidecar.Protocol.Xdm;
using ImSidecar.Server.Stores;
using ImSidecar.Server.Xdm.Embedded.Identity;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Xdm.Embedded;

/// <summary>Who may do what, RFC 4825 5.7 with the policy of the operator.</summary>
internal sealed class XcapAccess(IOptions<XcapServerOptions> options)
{
    private readonly Derived<XcapServerOptions, HashSet<string>> _administrators =
        new(options, section => XcapServerOptions.Keys(section.Administrators));

    private readonly Derived<XcapServerOptions, HashSet<string>> _readers =
        new(options, section => XcapServerOptions.Keys(section.Readers));

    /// <summary>A user's own tree; every tree for an administrator. The global tree is nobody's.</summary>
    public bool IsOwner(XcapCaller caller, DocumentSelector selector) =>
        IsAdministrator(caller) || (selector.User is { } user && caller.Is(user));

    public bool MayWrite(XcapCaller caller, XcapUsage usage, DocumentSelector selector) =>
        usage.IsLocked ? IsAdministrator(caller) : IsOwner(caller, selector);

    /// <summary>A group that is looked up by its URI: whether it is there or not is told to no stranger.</summary>
    public bool MayLookUp(XcapCaller caller, string group, StoredDocument? document) =>
        IsAdministrator(caller)
        || caller.IsAmong(_readers.Value)
        || (document is not null && (IsOwner(caller, document.Entry.Selector) || IsMember(caller, group, document)));

    private bool IsAdministrator(XcapCaller caller) => caller.IsAmong(_administrators.Value);

    // Members in the document itself; those by reference have to ask the owner.
    private bool IsMember(XcapCaller caller, string group, StoredDocument document) =>
        options.Value.MembersMayRead
        && XmlOutline.TryRead(document.Content, out var outline, out _)
        && outline.Root.Children
            .Where(service => DocumentConstraints.GroupKey(service) == group)
            .SelectMany(service => service.Children)
            .Where(each => each.Is("list", DocumentConstraints.GroupNamespace))
            .SelectMany(list => list.Children)
            .Where(each => each.Is("entry", DocumentConstraints.GroupNamespace))
            .Any(entry => entry.Attribute("uri") is { } uri && caller.Is(DocumentSelector.Canonical(uri)));
}
