using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Notifications;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Core.Documents;

/// <summary>A NOTIFY of the remote XDMS, RFC 6665 4.1.3: believed within our dialog only.</summary>
internal static class WatchNotify
{
    public static Outcome<DocumentWatch> OnNotify(DocumentWatch? watch, NotifyRequest request, Facts facts)
    {
        if (SubscriberDialog.Heard(watch?.Dialog, request, XcapDiffPackage.Name, out var refusal) is not { } heard)
            return Outcome.Of(watch, refusal);

        var told = Take(watch! with { Dialog = heard }, request);
        return Outcome.Of(
            told.With(SubscriberDialog.Told(told.Subscriber, request, facts)),
            new Respond(request.Transaction, SipStatus.Ok));
    }

    private static DocumentWatch Take(DocumentWatch watch, NotifyRequest request)
    {
        if (request.Diff is not { } diff)
            return watch;

        var told = watch.AwaitsFullState
            ? []
            : watch.Told.ToDictionary(each => each.Document, each => each.ETag);
        foreach (var document in diff.Documents)
        {
            // What was not asked for is not kept.
            if (!XcapUri.TryParseReference(document.Selector, out var uri) || !watch.Asked.Contains(uri.Document))
                continue;

            if (document.NewETag is { } etag)
                told[uri.Document] = etag;
            else
                told.Remove(uri.Document);
        }

        ImmutableArray<ToldDocument> now = [.. told.Select(each => new ToldDocument(each.Key, each.Value))];
        return watch with { Told = now, AwaitsFullState = false };
    }
}
