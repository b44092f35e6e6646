using System.Collections.Frozen;
using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Xdm;
using ImSidecar.Server.Stores;

namespace ImSidecar.Server.Xdm.Diff;

/// <summary>What there is of the documents that a subscription names, without contents.</summary>
internal sealed class DocumentIndex(IDocumentStore store, DocumentIndexOptions options)
{
    public DocumentIndexOptions Options => options;

    public async ValueTask<ImmutableArray<KnownDocument>> ReadAsync(
        ImmutableArray<DocumentTarget> targets, CancellationToken cancellation)
    {
        if (!options.AreOurs)
            return [];

        var known = ImmutableArray.CreateBuilder<KnownDocument>();
        foreach (var owned in targets.Where(target => target.User is not null)
            .GroupBy(target => (User: target.User!, target.Auid)))
        {
            foreach (var entry in await store.ListAsync(owned.Key.User, owned.Key.Auid, cancellation))
            {
                if (owned.Any(target => target.Covers(entry.Selector)))
                    known.Add(new(entry.Selector, entry.ETag, owned.Key.User));
            }
        }

        foreach (var lookup in targets.Where(IsLookup))
        {
            var group = lookup.Path[ApplicationUsage.ByGroup.Length..];
            if (await store.FindGroupAsync(group, cancellation) is { Entry: { Selector.User: { } owner } entry })
                known.Add(new(DocumentSelector.OfGroup(group), entry.ETag, owner));
        }

        return known.DrainToImmutable();
    }

    private static bool IsLookup(DocumentTarget target) =>
        target is { User: null, Auid: ApplicationUsage.Groups, IsCollection: false }
        && target.Path.StartsWith(ApplicationUsage.ByGroup, StringComparison.Ordinal);
}

/// <summary>
/// Whose the documents are, where clients find them, and address keys of who looks up all groups, and of who reads all.
/// </summary>
internal sealed record DocumentIndexOptions(bool AreOurs, string Root)
{
    public IReadOnlySet<string> Readers { get; init; } = FrozenSet<string>.Empty;

    public IReadOnlySet<string> Administrators { get; init; } = FrozenSet<string>.Empty;
}
