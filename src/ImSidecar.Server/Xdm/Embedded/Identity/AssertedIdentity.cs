using System.Net;
using ImSidecar.Protocol.Sip;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace ImSidecar.Server.Xdm.Embedded.Identity;

/// <summary>
/// The identity asserted by an authentication or aggregation proxy (TS 24.109, OMA XDM) in the one header that it sets,
/// from trusted addresses only. What the client only intends to be, or says in another header, is not looked at.
/// </summary>
internal sealed class AssertedIdentity(string header, IReadOnlyList<string> trustedProxies)
{
    private readonly IPNetwork[] _trusted = [.. trustedProxies.Select(Network)];

    /// <summary>
    /// False when it may be one or another; otherwise the caller, null when nobody whom we trust asserts anything.
    /// </summary>
    public bool TryRead(IPAddress? peer, IHeaderDictionary headers, out XcapCaller? caller)
    {
        caller = null;
        if (peer is null || !IsTrusted(peer))
            return true;

        // A header of the client that the proxy lets through may stand before its own, in a field or in a list of one.
        var keys = Keys(headers[header]);
        if (keys.Count > 1)
            return false;

        if (keys.SingleOrDefault() is { Length: > 0 } key)
            caller = new(key);
        return true;
    }

    private bool IsTrusted(IPAddress peer)
    {
        var address = peer.IsIPv4MappedToIPv6 ? peer.MapToIPv4() : peer;
        return _trusted.Any(network => network.Contains(address));
    }

    /// <summary>Address keys, each once; empty for what is no identity.</summary>
    private static HashSet<string> Keys(StringValues fields)
    {
        var keys = new HashSet<string>(StringComparer.Ordinal);
        foreach (var field in fields)
        {
            foreach (var part in new SipList(field, ','))
            {
                var isIdentity = SipUri.TryParse(part.Trim('"').Trim("<>"), out var uri)
                    && !uri.AddressKey.Any(char.IsControl);
                keys.Add(isIdentity ? uri.AddressKey : "");
            }
        }

        return keys;
    }

    private static IPNetwork Network(string text) =>
        XcapServerOptionsValidator.TryParseNetwork(text, out var network)
            ? network
            : throw new FormatException(text + " is no network");
}
