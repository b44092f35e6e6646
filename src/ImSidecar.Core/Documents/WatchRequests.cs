using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Notifications;
using ImSidecar.Protocol.ResourceLists;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Core.Documents;

/// <summary>Our SUBSCRIBE requests, RFC 6665 4.1.2 and RFC 5875 4.2.</summary>
internal static class WatchRequests
{
    /// <summary>A subscription in a dialog of its own.</summary>
    public static Outcome<DocumentWatch> Begin(DocumentWatch watch, WatchFacts to, Facts facts)
    {
        var dialog = new WatchDialog
        {
            CallId = facts.Derive("watch-call"),
            LocalTag = facts.Derive("watch-tag"),
            RemoteTarget = to.Notifier,
        };
        return Send(watch with { Dialog = dialog, AwaitsFullState = true }, to, Duration(watch, to), facts);
    }

    /// <summary>Within the dialog: prolongs it and names the documents anew, which brings their full state.</summary>
    public static Outcome<DocumentWatch> Refresh(DocumentWatch watch, WatchFacts to, Facts facts) =>
        Send(watch with { AwaitsFullState = true }, to, Duration(watch, to), facts);

    public static Outcome<DocumentWatch> End(DocumentWatch watch, WatchFacts to, Facts facts) =>
        Send(watch with { Dialog = watch.Dialog! with { IsEnding = true } }, to, TimeSpan.Zero, facts);

    private static TimeSpan Duration(DocumentWatch watch, WatchFacts to) =>
        watch.MinDuration is { } least && least > to.Duration ? least : to.Duration;

    private static Outcome<DocumentWatch> Send(DocumentWatch watch, WatchFacts to, TimeSpan duration, Facts facts)
    {
        var dialog = watch.Dialog!.Sent(facts);
        ImmutableArray<DocumentSelector> asked = [.. watch.Wanted.Take(DocumentWatch.MaxDocuments)];
        var next = watch with { Dialog = dialog, Asked = asked, RetryAt = null };
        return Outcome.Of(next, new SendRequest(
            new(watch.Id, "w", "SUBSCRIBE", dialog.LocalCSeq, dialog.LocalTag),
            Request(next, dialog, to, duration, facts)));
    }

    private static string NameOf(DocumentSelector document, WatchFacts to) => document.IsGlobal
        ? XcapUri.Write(document)
            .Replace("/global/" + ApplicationUsage.ByGroup, "/global/" + to.GroupFolder, StringComparison.Ordinal)
        : XcapUri.Write(document);

    private static OutgoingRequest Request(
        DocumentWatch watch, WatchDialog dialog, WatchFacts to, TimeSpan duration, Facts facts)
    {
        var request = SubscriberDialog.Request(
            watch.Id, dialog, to.Identity, to.Notifier,
            $"{XcapDiffPackage.Name};diff-processing={XcapDiffPackage.Processing}", XcapDiffXml.MediaType,
            duration, facts);
        return duration == TimeSpan.Zero
            ? request
            : request with
            {
                Headers = request.Headers.With("Content-Type", ResourceListXml.MediaType),
                Body = ResourceListXml.Write(new(
                    [.. watch.Asked.Select(document => new ResourceListEntry(NameOf(document, to)))])),
            };
    }
}
