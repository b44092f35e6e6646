using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Core.Documents;

/// <summary>A NOTIFY of the remote XDMS, RFC 6665 4.1.3: believed within our dialog only.</summary>
internal static class WatchNotify
{
    private static readonly TimeSpan _refused = TimeSpan.FromHours(1);

    public static Outcome<DocumentWatch> OnNotify(DocumentWatch? watch, NotifyRequest request, Facts facts)
    {
        if (watch?.Dialog is not { } dialog
            || request.CallId != dialog.CallId
            || request.To.Tag != dialog.LocalTag
            || request.From.Tag is not { Length: > 0 } remoteTag
            || (dialog.RemoteTag.Length > 0 && remoteTag != dialog.RemoteTag)
            || request.Event != XcapDiffPackage.Name)
            return Refuse(watch, request, SipStatus.NoSuchDialog, "Subscription does not exist");

        if (request.CSeq <= dialog.RemoteCSeq)
            return Refuse(
                watch, request, SipStatus.ServerInternalError, "CSeq is lower than that of an earlier request");

        // It may be there before the 200 and makes the dialog too, RFC 6665 4.4.1.
        var heard = dialog with
        {
            RemoteTag = remoteTag,
            RemoteCSeq = request.CSeq,
            RemoteTarget = request.Contact?.Uri ?? dialog.RemoteTarget,
            RouteSet = dialog.RemoteTag.Length == 0 ? request.RouteSet : dialog.RouteSet,
        };
        var told = Take(watch with { Dialog = heard }, request);
        return Outcome.Of(
            request.State == "terminated" ? Terminated(told, request, facts) : Prolonged(told, request, facts),
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

    private static DocumentWatch Prolonged(DocumentWatch watch, NotifyRequest request, Facts facts) =>
        request.Expires is { } seconds && watch.Dialog is { IsEnding: false } dialog
            ? watch with { Dialog = WatchAnswer.Granted(dialog, TimeSpan.FromSeconds(seconds), facts) }
            : watch;

    // RFC 6665 4.1.3, by the reason. The answer to a SUBSCRIBE that is under way finds no dialog any more.
    private static DocumentWatch? Terminated(DocumentWatch watch, NotifyRequest request, Facts facts)
    {
        if (watch.Dialog!.IsEnding)
            return WatchAnswer.Forget(watch);

        var pause = request.Reason switch
        {
            "deactivated" or "timeout" => watch.Failures == 0 ? TimeSpan.Zero : WatchAnswer.Backoff(watch),
            "rejected" or "noresource" or "invariant" => _refused,
            _ => request.RetryAfter is { } seconds
                ? TimeSpan.FromSeconds(Math.Min(seconds, 3600))
                : WatchAnswer.Backoff(watch),
        };
        return WatchAnswer.Lost(watch, pause, facts);
    }

    private static Outcome<DocumentWatch> Refuse(
        DocumentWatch? watch, NotifyRequest request, SipStatus status, string warning) =>
        Outcome.Of(watch, new Respond(request.Transaction, status, warning));
}
