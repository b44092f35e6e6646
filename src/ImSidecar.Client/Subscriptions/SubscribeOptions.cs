using ImSidecar.Protocol.ResourceLists;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Client.Subscriptions;

/// <summary>How to subscribe, and what to do wrong or differently on purpose.</summary>
public sealed record SubscribeOptions
{
    /// <summary>Expires; null leaves it out, 0 fetches once.</summary>
    public int? Seconds { get; init; } = 3600;

    public string Event { get; init; } = "conference";

    /// <summary>What makes the subscription: SUBSCRIBE, or REFER, RFC 3515.</summary>
    public string Method { get; init; } = "SUBSCRIBE";

    public string? Accept { get; init; } = "application/conference-info+xml";

    internal bool IsForConference => Method == "SUBSCRIBE" && Event.Split(';')[0] == "conference";

    /// <summary>What is asked for more exactly, such as a list of documents; every SUBSCRIBE has it.</summary>
    public (string Type, ReadOnlyMemory<byte> Content)? Body { get; init; }

    /// <summary>Changes of the subscriber's documents, RFC 5875; of those in the list, if there is one.</summary>
    public static SubscribeOptions ToDocuments(params string[] documents) => new()
    {
        Event = "xcap-diff",
        Accept = XcapDiffXml.MediaType,
        Body = documents.Length == 0 ? null :
        (
            ResourceListXml.MediaType,
            ResourceListXml.Write(new([.. documents.Select(each => new ResourceListEntry(each))]))
        ),
    };

    /// <summary>A REFER outside a dialog, whose outcome is told, RFC 3515 2.4.</summary>
    public static SubscribeOptions ToReferral(
        string referTo, params IReadOnlyList<(string Name, string? Value)> headers) => new()
        {
            Method = "REFER",
            Event = "refer",
            Accept = null,
            Seconds = null,
            Headers = [("Refer-To", referTo), ("Event", null), .. headers],
        };

    /// <summary>Take the place of headers of ours with the same name; a null value removes it.</summary>
    public IReadOnlyList<(string Name, string? Value)> Headers { get; init; } = [];

    /// <summary>The status for a NOTIFY instead of 200; 0 leaves it without an answer.</summary>
    public Func<Notification, int>? Answer { get; init; }
}
