using System.Net;
using ImSidecar.Protocol.Sip;
using Microsoft.AspNetCore.Http;

namespace ImSidecar.Server.Xdm.Embedded.Identity;

/// <summary>
/// The identity asserted by an authentication or aggregation proxy (TS 24.109, OMA XDM) in the one header that it sets,
/// from trusted addresses only. What the client only intends to be, or says in another header, is not looked at.
/// </summary>
internal sealed class AssertedIdentity(string header, IReadOnlyList<string> trustedProxies)
{
    private readonly IPNetwork[] _trusted = [.. trustedProxies.Select(Network)];

    /// <summary>
    /// False when it is not clear who it is; otherwise the caller, null when nobody whom we trust asserts anything.
    /// </summary>
    public bool TryRead(IPAddress? peer, IHeaderDictionary headers, out XcapCaller? caller)
    {
        caller = null;
        if (peer is null || !IsTrusted(peer))
            return true;

        // One field lists the public identities of one user, TS 24.109; of two one may be the client's own.
        var fields = headers[header];
        if (fields.Count > 1)
            return false;

        var keys = fields.Count == 0 ? [] : Keys(fields[0]!);
        if (keys.All(key => key.Length == 0))
            return true;

        caller = new([.. keys]);
        return !keys.Contains("");
    }

    private bool IsTrusted(IPAddress peer)
    {
        var address = peer.IsIPv4MappedToIPv6 ? peer.MapToIPv4() : peer;
        return _trusted.Any(network => network.Contains(address));
    }

    /// <summary>Address keys; empty for what is no identity.</summary>
    private static List<string> Keys(string field)
    {
        var keys = new List<string>();
        foreach (var part in new SipList(field, ','))
        {
            var isIdentity = SipUri.TryParse(part.Trim('"').Trim("<>"), out var uri)
                && !uri.AddressKey.Any(char.IsControl);
            keys.Add(isIdentity ? uri.AddressKey : "");
        }

        return keys;
    }

    private static IPNetwork Network(string text) =>
        XcapServerOptionsValidator.TryParseNetwork(text, out var network)
            ? network
            : throw new FormatException(text + " is no network");
}
