using System.Collections.Immutable;

namespace ImSidecar.Protocol.Mime;

/// <summary>Which content a peer takes: its accept-types and accept-wrapped-types, RFC 4975 8.6.</summary>
public sealed class AcceptedTypes
{
    private const string Cpim = "message/cpim";

    private readonly HashSet<string> _plain;
    private readonly HashSet<string> _wrapped;
    private readonly bool _isUnknown;
    private readonly bool _namesNoneInside;
    private volatile Answer? _last;

    public AcceptedTypes(ImmutableArray<string> plain, ImmutableArray<string> wrapped)
    {
        _plain = Essences(plain);
        _wrapped = Essences(wrapped);
        _isUnknown = _plain.Count == 0;
        TakesCpim = Accepts(Cpim);
        _namesNoneInside = _wrapped.Count == 0 && _plain.Count == 1;
    }

    /// <summary>Whether message/cpim may come, whatever is in it.</summary>
    public bool TakesCpim { get; }

    /// <summary>Whether content of this type (type/subtype) may come as it is.</summary>
    public bool Accepts(string type) => _isUnknown || IsIn(_plain, type) || IsForAll(type);

    /// <summary>Whether a message/cpim with content of this type may come.</summary>
    public bool AcceptsInCpim(string type)
    {
        // One message after the other is of the same type.
        if (_last is { } last && last.Type == type)
            return last.IsYes;

        // A peer that takes CPIM only and names nothing for its inside takes anything there.
        var isYes = TakesCpim && (_namesNoneInside || AcceptsWrapped(type));
        _last = new(type, isYes);
        return isYes;
    }

    /// <summary>Whether content of this type may come as a part of another one.</summary>
    public bool AcceptsWrapped(string type) =>
        _isUnknown || IsIn(_wrapped, type) || IsIn(_plain, type) || IsForAll(type);

    /// <summary>type/subtype without parameters.</summary>
    public static string Essence(string contentType)
    {
        var end = contentType.IndexOf(';', StringComparison.Ordinal);
        return (end < 0 ? contentType : contentType[..end]).Trim();
    }

    // RFC 4975 8.6: every endpoint takes these two.
    private static bool IsForAll(string type) =>
        type.Equals("multipart/mixed", StringComparison.OrdinalIgnoreCase)
        || type.Equals("multipart/alternative", StringComparison.OrdinalIgnoreCase);

    private static bool IsIn(HashSet<string> accepted, string type)
    {
        if (accepted.Contains(type) || accepted.Contains("*"))
            return true;

        var slash = type.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && accepted.Contains(type[..slash] + "/*");
    }

    private static HashSet<string> Essences(ImmutableArray<string> types) =>
        types.IsDefault ? [] : new(types.Select(Essence), StringComparer.OrdinalIgnoreCase);

    private sealed record Answer(string Type, bool IsYes);
}
