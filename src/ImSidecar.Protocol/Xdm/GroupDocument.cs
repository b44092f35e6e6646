using System.Collections.Immutable;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Protocol.Xdm;

/// <summary>A pre-defined group: one list-service of a group document, Shared Group XDM.</summary>
public sealed record GroupDocument
{
    public const int MaxMembers = 20_000;

    /// <summary>The IM Group Identity.</summary>
    public required SipUri Uri { get; init; }

    public string? DisplayName { get; init; }

    public string? Subject { get; init; }

    /// <summary>The entries of the list in document order; the lists it refers to are not expanded.</summary>
    public ImmutableArray<GroupMember> Members { get; init; } = [];

    /// <summary>Anchors of resource lists whose entries are members too.</summary>
    public ImmutableArray<string> Externals { get; init; } = [];

    /// <summary>True: members are invited when the session starts; false: a chat group that one joins.</summary>
    public bool InviteMembers { get; init; }

    public int? MaxParticipants { get; init; }

    public RuleSet Rules { get; init; } = RuleSet.Empty;

    public SessionActivePolicy? SessionActive { get; init; }

    /// <summary>The services that may use the group; null is all.</summary>
    public ServiceList? SupportedServices { get; init; }

    public ImmutableArray<AgeRange> AgeRestrictions { get; init; } = [];

    /// <summary>basic, premium, professional or government.</summary>
    public string? Qoe { get; init; }

    public bool Searchable { get; init; }

    /// <summary>The group is advertised to its members.</summary>
    public bool AdvertiseAutomatically { get; init; }

    /// <summary>
    /// Elements that must be understood and that this release does not act upon: the group cannot be used.
    /// </summary>
    public ImmutableArray<string> NotUnderstood { get; init; } = [];

    /// <summary>What could not be used of the document and takes nobody's rights but those of who it names.</summary>
    public ImmutableArray<string> Problems { get; init; } = [];
}

/// <summary>An entry of a group's list.</summary>
public sealed record GroupMember(SipUri Address, string? DisplayName);

/// <summary>Years from and until, both included; null is open.</summary>
public readonly record struct AgeRange(int? From, int? Until);

/// <summary>When a session of the group counts as active, session-active-policy of XDM extensions.</summary>
public sealed record SessionActivePolicy(
    TimeSpan? MaxDuration,
    int? MinParticipants,
    ImmutableArray<string> RequiredParticipants,
    ImmutableArray<string> RequiredExternals,
    ImmutableArray<TimeRange> Schedule);
