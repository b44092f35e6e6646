using ImSidecar.Protocol.ConferenceInfo;

namespace ImSidecar.Client.Subscriptions;

/// <summary>What became of a user in the roster.</summary>
public enum RosterChangeKind
{
    /// <summary>He was there when we began to look.</summary>
    Present,
    Joined,

    /// <summary>He is called, or calls.</summary>
    Alerting,
    Left,

    /// <summary>He came and left, or could not be reached, between two documents.</summary>
    PassedBy,
    Renamed,
}

/// <summary>One change of the roster that is worth a line to a person, IM 6.1.2.12.</summary>
/// <param name="IsNew">He was not in the roster before: the one time to mark who is blocked.</param>
public sealed record RosterChange(RosterChangeKind Kind, RosterLine Line, bool IsNew)
{
    /// <summary>His name before, if it has changed.</summary>
    public string? FormerName { get; init; }

    /// <summary>How he left, if the document tells.</summary>
    public DisconnectionMethod? How { get; init; }
}
