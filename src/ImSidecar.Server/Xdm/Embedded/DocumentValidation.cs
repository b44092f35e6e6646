using System.Collections.Immutable;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Xdm;
using ImSidecar.Server.Options;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Xdm.Embedded;

/// <summary>Whether a document may be stored: name, root, schema, constraints of its usage and our own.</summary>
internal sealed class DocumentValidation(
    EmbeddedDocuments documents, IOptions<XcapServerOptions> options, IOptions<ControllingOptions> controlling)
{
    private const int Alternatives = 3;
    private const string GroupField = "group/list-service/@uri";

    private readonly string _root = options.Value.RootUri!.AbsoluteUri;
    private readonly string _groupDomain = controlling.Value.GroupDomain;

    /// <summary>Null when it may.</summary>
    public XcapError? Check(DocumentRequest request, XmlOutline document)
    {
        var usage = request.Usage;
        var selector = request.Uri.Document;
        if (selector.Path.Contains('/'))
            return NoFolder(selector);

        if (usage.DocumentName is { } name && selector.Path != name)
            return new(XcapErrorKind.LocalConstraintFailure, $"The document's name is {name}");

        var root = document.Root;
        if (root.Namespace != usage.DefaultNamespace || (usage.Root is { } local && root.Local != local))
            return new(
                XcapErrorKind.SchemaValidationError,
                $"The root element is {usage.Root ?? "one"} of namespace {usage.DefaultNamespace}");

        return usage.Constraint(document)
            ?? (usage.HasSchema ? XcapSchemas.Check(document) : null)
            ?? CheckDomain(usage, document)
            ?? (usage.Obstacle(document.ToBytes()) is { } obstacle
                ? new(XcapErrorKind.LocalConstraintFailure, obstacle)
                : null);
    }

    /// <summary>Address keys of the groups in a document of groups; none in another one.</summary>
    public static IReadOnlyList<string> GroupsOf(DocumentRequest request, XmlOutline document) =>
        request.Usage.Auid == ApplicationUsage.Groups
            ? [.. document.Root.Children.Select(DocumentConstraints.GroupKey).OfType<string>()]
            : [];

    /// <summary>A node of a document that is not there; the home of a user always is.</summary>
    public XcapError NoDocument(DocumentSelector selector) =>
        new(XcapErrorKind.NoParent, "The document is not there") { Ancestor = HomeOf(selector) };

    /// <summary>The URI of the closest ancestor that exists.</summary>
    public string Ancestor(XcapUri uri, int steps)
    {
        var document = _root + XcapUri.Write(uri.Document);
        return steps == 0 ? document : $"{document}/~~/{uri.Node!.EscapedSteps(steps)}";
    }

    /// <summary>The group is another document's; says which names are free.</summary>
    public async ValueTask<XcapError> TakenAsync(string addressKey, CancellationToken cancellation)
    {
        var free = ImmutableArray.CreateBuilder<string>();
        var at = addressKey.IndexOf('@', StringComparison.Ordinal);
        for (var number = 2; at > 0 && number < 2 + Alternatives; number++)
        {
            var candidate = $"{addressKey[..at]}-{number}{addressKey[at..]}";
            if (await documents.FindAsync(DocumentSelector.OfGroup(candidate), cancellation) is null)
                free.Add(candidate);
        }

        return new(XcapErrorKind.UniquenessFailure, "There is a group with this URI")
        {
            Conflicts = [new(GroupField, free.ToImmutable())],
        };
    }

    private XcapError? CheckDomain(XcapUsage usage, XmlOutline document)
    {
        if (usage.Auid != ApplicationUsage.Groups)
            return null;

        foreach (var service in document.Root.Children)
        {
            if (SipUri.TryParse(service.Attribute("uri"), out var uri)
                && uri.Host.Equals(_groupDomain, StringComparison.OrdinalIgnoreCase))
                continue;

            return new(XcapErrorKind.LocalConstraintFailure, "Groups are in the domain " + _groupDomain)
            {
                Conflicts = uri is { User.Length: > 0, Host.Length: > 0 }
                    ? [new(GroupField, [$"sip:{uri.User}@{_groupDomain}"])]
                    : [],
            };
        }

        return null;
    }

    private XcapError NoFolder(DocumentSelector selector) =>
        new(XcapErrorKind.NoParent, "There are no folders") { Ancestor = HomeOf(selector) };

    private string HomeOf(DocumentSelector selector)
    {
        var uri = XcapUri.Write(selector with { Path = "" });
        return _root + uri;
    }
}
