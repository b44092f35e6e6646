using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Notifications;
using ImSidecar.Core.Policies;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Core.Documents;

/// <summary>
/// RFC 5875 4.6: what differs from what the client was told goes into one NOTIFY; what happens while it waits for its
/// answer or its time goes into the next one.
/// </summary>
internal static class DocumentNotifier
{
    public static Outcome<DocumentSubscription> Flush(DocumentSubscription current, Facts facts)
    {
        if (facts.Documents is not { Known: { } known } documents)
            return WithoutDocuments(current, facts);

        var subscription = current.Subscription;
        var now = Readable(current, known, documents);
        var news = Difference(subscription.OwesFullState ? [] : current.Told, now);
        var owesNews = subscription.OwesFullState || !news.IsEmpty;
        if (!SubscriptionDialog.IsDue(subscription, owesNews, facts.Now))
            return Outcome.Of(current.HasNews == owesNews ? current : current with { HasNews = owesNews });

        var isTold = owesNews && subscription.EndReason != SubscriptionEnd.TooLarge;
        return Notify(
            current with { Told = now }, isTold ? XcapDiffXml.Write(new(documents.Root, news)) : default, facts);
    }

    // They cannot be read now, so they are looked at again; a last NOTIFY goes without.
    private static Outcome<DocumentSubscription> WithoutDocuments(DocumentSubscription current, Facts facts)
    {
        var subscription = current.Subscription;
        if (SubscriptionDialog.IsDue(subscription, owesNews: false, facts.Now))
            return Notify(current, default, facts);

        if (current.HasNews && subscription.NotBefore > facts.Now)
            return Outcome.Of(current);

        return Outcome.Of(current with
        {
            HasNews = true,
            Subscription = subscription with { NotBefore = facts.Now + facts.Operator.NotifyInterval },
        });
    }

    private static Outcome<DocumentSubscription> Notify(
        DocumentSubscription current, ReadOnlyMemory<byte> body, Facts facts)
    {
        var subscription = SubscriptionDialog.Tell(current.Subscription, facts);
        var told = current with { Subscription = subscription, HasNews = false };
        var request = SubscriptionDialog.Notify(
            subscription,
            subscription.LocalCSeq,
            $"<{told.Contact}>",
            told.Package + (told.NamesProcessing ? ";diff-processing=" + XcapDiffPackage.Processing : ""),
            SubscriptionDialog.StateOf(subscription, facts.Now));
        if (!body.IsEmpty)
            request = request with
            {
                Headers = request.Headers.With("Content-Type", XcapDiffXml.MediaType),
                Body = body,
            };
        return Outcome.Of(
            told, new SendRequest(new(told.Id, subscription.Id, "NOTIFY", subscription.LocalCSeq), request));
    }

    private static ImmutableArray<ToldDocument> Readable(
        DocumentSubscription subscription, ImmutableArray<KnownDocument> known, DocumentFacts documents) =>
        [.. known
            .Where(each => subscription.Targets.Any(target => target.Covers(each.Document))
                && DocumentAccessPolicy.MayRead(each, subscription.Identities, documents))
            .DistinctBy(each => each.Document)
            .OrderBy(each => each.Document.ToString(), StringComparer.Ordinal)
            .Select(each => new ToldDocument(each.Document, each.ETag))];

    private static ImmutableArray<DocumentDiff> Difference(
        ImmutableArray<ToldDocument> before, ImmutableArray<ToldDocument> now)
    {
        var known = before.ToDictionary(each => each.Document, each => each.ETag);
        var news = ImmutableArray.CreateBuilder<DocumentDiff>();
        foreach (var each in now)
        {
            if (!known.Remove(each.Document, out var previous) || previous != each.ETag)
                news.Add(new(XcapUri.Write(each.Document), previous, each.ETag));
        }

        foreach (var gone in before.Where(each => known.ContainsKey(each.Document)))
            news.Add(new(XcapUri.Write(gone.Document), gone.ETag, null));
        return news.DrainToImmutable();
    }
}
