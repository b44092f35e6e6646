using System.Globalization;
using ImSidecar.Client.Sip;
using ImSidecar.Protocol.ConferenceInfo;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Client.Subscriptions;

/// <summary>A NOTIFY as it came in, RFC 6665 4.1.3, with what it tells of a conference or of documents.</summary>
public sealed record Notification(SipMessage Request)
{
    /// <summary>active, pending or terminated.</summary>
    public string State => SubscriptionState.Split(';')[0].Trim().ToLowerInvariant();

    public bool IsTerminated => State == "terminated";

    public string? Reason => SipMessage.Parameter(SubscriptionState, "reason");

    public int? Expires =>
        int.TryParse(SipMessage.Parameter(SubscriptionState, "expires"), CultureInfo.InvariantCulture, out var seconds)
            ? seconds
            : null;

    /// <summary>Null without a body, or with one that cannot be read.</summary>
    public ConferenceInfo? Document { get; init; }

    /// <summary>What became of documents, RFC 5874; null without a body that tells that.</summary>
    public XcapDiff? Documents =>
        XcapDiffXml.TryParse(BodyPart.Find(Request, XcapDiffXml.MediaType), out var diff, out _) ? diff : null;

    /// <summary>What merging it did; null without a document.</summary>
    public ViewOutcome? Outcome { get; init; }

    /// <summary>Who is in, after this document.</summary>
    public IReadOnlyList<ConferenceUser> Roster { get; init; } = [];

    private string SubscriptionState => Request["Subscription-State"] ?? "";

    /// <summary>The status of that user's first endpoint; null if the document does not tell it.</summary>
    public EndpointStatus? StatusOf(string user) =>
        Document?.Users?.List.FirstOrDefault(each => each.Entity == user) is { Endpoints: [var endpoint, ..] }
            ? endpoint.Status
            : null;
}
