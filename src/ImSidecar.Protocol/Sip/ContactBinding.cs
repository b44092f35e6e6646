using System.Collections.Immutable;

namespace ImSidecar.Protocol.Sip;

/// <summary>A Contact of a REGISTER: where, what it can do (RFC 3840), and for how long; RFC 3261 10.2.1.</summary>
/// <param name="Contact">The URI as it was written; "*" stands for all.</param>
/// <param name="Expires">Seconds, 0: no longer; null: as the request says for all.</param>
public sealed record ContactBinding(string Contact, ImmutableArray<string> FeatureTags, int? Expires)
{
    public const string All = "*";
}
