using System.Globalization;
using ImSidecar.Client.Blocking;
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

    /// <summary>Who was in before this document; null: nothing was known.</summary>
    public IReadOnlyList<ConferenceUser>? Former { get; init; }

    /// <summary>Who came and went again since the last document.</summary>
    public IReadOnlyList<ConferenceUser> PassedBy { get; init; } = [];

    /// <summary>What the conference is about, after this document.</summary>
    public ConferenceDescription? Description { get; init; }

    /// <summary>How many are in, and whether more may come, after this document.</summary>
    public ConferenceState? Conference { get; init; }

    /// <summary>It holds a conference document that is none.</summary>
    public bool IsUnreadable { get; init; }

    /// <summary>Whom the user had blocked when it came.</summary>
    public BlockList Blocked { get; init; } = BlockList.Empty;

    /// <summary>The roster as a person is shown it, who is blocked marked.</summary>
    public IEnumerable<RosterLine> Lines => Roster.Select(user => RosterLine.Of(user, Blocked));

    /// <summary>What this document changed in the roster.</summary>
    public IEnumerable<RosterChange> Changes =>
        Outcome is ViewOutcome.Applied or ViewOutcome.Ended ? RosterDifference.Of(this) : [];

    /// <summary>Seconds after which to subscribe again, of the last one.</summary>
    public int? RetryAfter =>
        int.TryParse(SipMessage.Parameter(SubscriptionState, "retry-after"), CultureInfo.InvariantCulture, out var wait)
            && wait >= 0 ? wait : null;

    private string SubscriptionState => Request["Subscription-State"] ?? "";

    /// <summary>The status of that user's first endpoint; null if the document does not tell it.</summary>
    public EndpointStatus? StatusOf(string user) =>
        Document?.Users?.List.FirstOrDefault(each => each.Entity == user) is { Endpoints: [var endpoint, ..] }
            ? endpoint.Status
            : null;
}
