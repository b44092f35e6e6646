using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace ImSidecar.Server.Xdm.Embedded;

/// <summary>
/// If-Match and If-None-Match, RFC 9110 13.1. "*" is about the resource itself, an ETag is that of its document
/// (RFC 4825 7.11).
/// </summary>
internal sealed class XcapConditions
{
    private readonly IList<EntityTagHeaderValue> _match;
    private readonly IList<EntityTagHeaderValue> _noneMatch;

    private XcapConditions(IList<EntityTagHeaderValue> match, IList<EntityTagHeaderValue> noneMatch)
    {
        _match = match;
        _noneMatch = noneMatch;
    }

    /// <summary>False when one of them is no list of ETags.</summary>
    public static bool TryRead(IHeaderDictionary headers, out XcapConditions conditions)
    {
        conditions = null!;
        if (!TryRead(headers.IfMatch, out var match) || !TryRead(headers.IfNoneMatch, out var noneMatch))
            return false;

        conditions = new(match, noneMatch);
        return true;
    }

    /// <summary>As an operator says it: an ETag with or without quotes, "*", or nothing.</summary>
    public static bool TryRead(string ifMatch, bool isOnlyNew, out XcapConditions conditions)
    {
        IHeaderDictionary headers = new HeaderDictionary();
        var isHeader = ifMatch is "*" || ifMatch.Contains('"', StringComparison.Ordinal);
        if (ifMatch.Length > 0)
            headers.IfMatch = isHeader ? ifMatch : $"\"{ifMatch}\"";
        if (isOnlyNew)
            headers.IfNoneMatch = "*";
        return TryRead(headers, out conditions);
    }

    /// <summary>If-Match holds; weak ETags never match.</summary>
    public bool IsMatch(string? etag, bool exists) =>
        _match.Count == 0 || _match.Any(each => each.Tag == "*" ? exists : !each.IsWeak && Is(each, etag));

    /// <summary>If-None-Match holds.</summary>
    public bool IsNoneMatch(string? etag, bool exists) =>
        !_noneMatch.Any(each => each.Tag == "*" ? exists : Is(each, etag));

    private static bool Is(EntityTagHeaderValue tag, string? etag) =>
        etag is not null && tag.Tag.AsSpan().Trim('"').SequenceEqual(etag);

    private static bool TryRead(StringValues values, out IList<EntityTagHeaderValue> tags)
    {
        tags = [];
        return values.Count == 0 || EntityTagHeaderValue.TryParseStrictList(values!, out tags!);
    }
}
