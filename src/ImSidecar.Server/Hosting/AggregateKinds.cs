using System.Collections.Frozen;
using ImSidecar.Core.Conferences;

namespace ImSidecar.Server.Hosting;

/// <summary>The kinds of aggregates that this node hosts.</summary>
internal sealed class AggregateKinds(IEnumerable<IAggregateKind> kinds)
{
    private readonly FrozenDictionary<AggregateKind, IAggregateKind> _kinds =
        kinds.ToFrozenDictionary(kind => kind.Kind);

    public IAggregateKind Of(AggregateKind kind) => _kinds[kind];
}
