using System.Collections.Immutable;
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
    /// False when it is not clear who it is; otherwise the caller, null when nobody whom we trust asserts anything.
    /// </summary>
    public bool TryRead(IPAddress? peer, IHeaderDictionary headers, out XcapCaller? caller)
    {
        caller = null;
        if (peer is null || !IsTrusted(peer))
            return true;

        // One field lists the public identities of one user, TS 24.109; of two one may be the client's own.
        var fields = headers[header];
        if (fields.Count == 0 || !TryReadKeys(fields[0]!, out var keys))
            return fields.Count == 0 || IsNone(fields);

        caller = new(keys);
        return fields.Count == 1;
    }

    // A proxy that knows nobody may say so with an empty field.
    private static bool IsNone(StringValues fields) => fields.Count == 1 && fields[0]!.Trim().Trim('"').Length == 0;

    private bool IsTrusted(IPAddress peer)
    {
        var address = peer.IsIPv4MappedToIPv6 ? peer.MapToIPv4() : peer;
        return _trusted.Any(network => network.Contains(address));
    }

    /// <summary>Address keys; false if one is no identity, or there is none.</summary>
    private static bool TryReadKeys(string field, out ImmutableArray<string> keys)
    {
        var read = ImmutableArray.CreateBuilder<string>();
        foreach (var part in new SipList(field, ','))
        {
            if (!SipUri.TryParse(part.Trim('"').Trim("<>"), out var uri) || uri.AddressKey.Any(char.IsControl))
            {
                keys = [];
                return false;
            }

            read.Add(uri.AddressKey);
        }

        keys = read.DrainToImmutable();
        return !keys.IsEmpty;
    }

    private static IPNetwork Network(string text) =>
        XcapServerOptionsValidator.TryParseNetwork(text, out var network)
            ? network
            : throw new FormatException(text + " is no network");
}
