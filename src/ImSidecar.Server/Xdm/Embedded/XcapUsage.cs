using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Server.Xdm.Embedded;

/// <summary>One application usage, RFC 4825 5: what its documents are and which are valid.</summary>
internal sealed record XcapUsage(string Auid, string MediaType, string DefaultNamespace)
{
    /// <summary>Local name of the root element; null: any.</summary>
    public string? Root { get; init; }

    /// <summary>The one name that documents of a user have; null: any.</summary>
    public string? DocumentName { get; init; }

    /// <summary>The server makes its documents, and nobody writes them.</summary>
    public bool IsGenerated { get; init; }

    /// <summary>Of documents that the server makes: what they are about goes with them, or with a part of them.</summary>
    public bool MayBeDeleted { get; init; }

    /// <summary>Who owns the document reads it only; administrators write it.</summary>
    public bool IsLocked { get; init; }

    /// <summary>Whether there is a schema for its documents.</summary>
    public bool HasSchema { get; init; }

    /// <summary>What the schema does not say; null when it is met.</summary>
    public Func<XmlOutline, XcapError?> Constraint { get; init; } = _ => null;

    /// <summary>
    /// What keeps the rules from reading a document that is valid, one of their bounds; null when they can.
    /// </summary>
    public Func<ReadOnlyMemory<byte>, string?> Obstacle { get; init; } = _ => null;
}
