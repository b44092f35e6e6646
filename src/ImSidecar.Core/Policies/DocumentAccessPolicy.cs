using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Core.Policies;

/// <summary>Who is told of a document: who may read it by XCAP. Owners do, and whom the operator named.</summary>
public static class DocumentAccessPolicy
{
    /// <summary>Whether he may be told of anything there; by a global name only when it leads to his group.</summary>
    public static Verdict Decide(DocumentTarget target, ImmutableArray<string> identities, DocumentFacts facts)
    {
        if (target.User is { } user && identities.Contains(user))
            return Verdict.Allow;

        var isLookup = target.User is null && target.Auid == ApplicationUsage.Groups;
        if (facts.IsAdministrator || (facts.MayLookUpGroups && isLookup))
            return Verdict.Allow;

        return isLookup && (facts.Known ?? []).Any(known =>
            target.Covers(known.Document) && identities.Contains(known.Owner))
            ? Verdict.Allow
            : Verdict.Deny("No document that you may read");
    }

    public static bool MayRead(KnownDocument known, ImmutableArray<string> identities, DocumentFacts facts) =>
        facts.IsAdministrator
        || identities.Contains(known.Owner)
        || (facts.MayLookUpGroups && known.Document is { IsGlobal: true, Auid: ApplicationUsage.Groups });
}
