using System.Collections.Immutable;

namespace ImSidecar.Protocol.ConferenceInfo;

/// <summary>A conference-info document, RFC 4575 5; a null child is an element that is not there.</summary>
public sealed record ConferenceInfo
{
    public required string Entity { get; init; }

    public required ElementState State { get; init; }

    public uint Version { get; init; }

    public ConferenceDescription? Description { get; init; }

    public ConferenceState? ConferenceState { get; init; }

    public ConferenceUsers? Users { get; init; }
}

/// <summary>The conference-description element, RFC 4575 5.3.</summary>
public sealed record ConferenceDescription(
    string? DisplayText = null, string? Subject = null, string? FreeText = null, uint? MaximumUserCount = null);

/// <summary>The conference-state element, RFC 4575 5.5.</summary>
public sealed record ConferenceState(uint? UserCount = null, bool? Active = null, bool? Locked = null);

/// <summary>The users element, RFC 4575 5.6; its own state says whether the list is all or a part.</summary>
public sealed record ConferenceUsers(ElementState State, ImmutableArray<ConferenceUser> List);

/// <summary>One user element, RFC 4575 5.6.</summary>
public sealed record ConferenceUser(string Entity, ImmutableArray<ConferenceEndpoint> Endpoints)
{
    public ElementState State { get; init; }

    public string? DisplayText { get; init; }

    public bool Equals(ConferenceUser? other) =>
        other is not null
        && (Entity, State, DisplayText) == (other.Entity, other.State, other.DisplayText)
        && Endpoints.SequenceEqual(other.Endpoints);

    public override int GetHashCode() => HashCode.Combine(Entity, State, DisplayText, Endpoints.Length);
}

/// <summary>One endpoint element, RFC 4575 5.7.</summary>
public sealed record ConferenceEndpoint(string Entity, EndpointStatus? Status = null)
{
    public ElementState State { get; init; }

    public string? DisplayText { get; init; }

    public JoiningMethod? JoiningMethod { get; init; }

    public DisconnectionMethod? DisconnectionMethod { get; init; }
}
