using System.Net;
using ImSidecar.Protocol.Sip;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace ImSidecar.Server.Xdm.Embedded.Identity;

/// <summary>
/// Identities asserted by an authentication or aggregation proxy (TS 24.109, OMA XDM), from trusted addresses only.
/// What the client only intends to be is not looked at.
/// </summary>
internal sealed class AssertedIdentity(IReadOnlyList<string> trustedProxies)
{
    private const int MaxIdentities = 16;

    private static readonly string[] _headers = ["X-3GPP-Asserted-Identity", "X-XCAP-Asserted-Identity"];

    private readonly IPNetwork[] _trusted = [.. trustedProxies.Select(Network)];

    /// <summary>Null when nobody whom we trust asserts anything.</summary>
    public XcapCaller? Read(IPAddress? peer, IHeaderDictionary headers)
    {
        if (peer is null || !IsTrusted(peer))
            return null;

        foreach (var name in _headers)
        {
            if (Read(headers[name]) is { Count: > 0 } identities)
                return new(identities);
        }

        return null;
    }

    private bool IsTrusted(IPAddress peer)
    {
        var address = peer.IsIPv4MappedToIPv6 ? peer.MapToIPv4() : peer;
        return _trusted.Any(network => network.Contains(address));
    }

    private static List<string> Read(StringValues values)
    {
        var identities = new List<string>();
        foreach (var value in values)
        {
            foreach (var part in new SipList(value, ','))
            {
                if (identities.Count < MaxIdentities
                    && SipUri.TryParse(part.Trim('"').Trim("<>"), out var uri)
                    && !uri.AddressKey.Any(char.IsControl))
                    identities.Add(uri.AddressKey);
            }
        }

        return identities;
    }

    private static IPNetwork Network(string text) =>
        XcapServerOptionsValidator.TryParseNetwork(text, out var network)
            ? network
            : throw new FormatException(text + " is no network");
}
