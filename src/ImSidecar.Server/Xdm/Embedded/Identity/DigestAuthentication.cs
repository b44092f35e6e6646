using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace ImSidecar.Server.Xdm.Embedded.Identity;

/// <summary>HTTP Digest, RFC 7616: MD5 and SHA-256, qop auth.</summary>
internal sealed class DigestAuthentication(DigestFile file, string realm, DigestNonces nonces, FailureLimit limit)
{
    public const int MinutePause = 60;

    // Somebody who does not exist costs as much as somebody who does.
    private static readonly DigestUser _nobody = new("", new('0', 32), new('0', 64));

    /// <summary>The caller, or the answer that refuses him.</summary>
    public (XcapCaller? Caller, XcapAnswer? Refusal) Check(
        string method, string target, string? authorization, IPAddress? peer)
    {
        if (authorization is null || !DigestCredentials.TryParse(authorization, out var credentials))
            return (null, Challenge(isStale: false));

        var address = AddressKey(peer);
        if (limit.IsExceeded(address, credentials.User))
            return (null, XcapAnswer.Of(StatusCodes.Status429TooManyRequests, "Too many wrong passwords") with
            {
                RetryAfter = MinutePause,
            });

        if (credentials.Uri != target)
            return (null, XcapAnswer.Of(StatusCodes.Status400BadRequest, "The digest is for another URI"));

        if (credentials.Realm != realm || !IsRight(method, credentials, out var user))
        {
            limit.Count(address, credentials.User);
            return (null, Challenge(isStale: false));
        }

        return nonces.Use(credentials.Nonce, credentials.CountValue) == NonceState.Good
            ? (new(user.Identity), null)
            : (null, Challenge(isStale: true));
    }

    private bool IsRight(string method, DigestCredentials credentials, out DigestUser user)
    {
        var known = file.Find(credentials.User);
        user = known ?? _nobody;
        var secret = credentials.IsSha256 ? user.Sha256 : user.Md5;
        var tail = $"{credentials.Nonce}:{credentials.Count}:{credentials.ClientNonce}:auth:"
            + Hash($"{method}:{credentials.Uri}", credentials.IsSha256);
        var expected = Hash($"{secret}:{tail}", credentials.IsSha256);
        var isEqual = CryptographicOperations.FixedTimeEquals(
            Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(credentials.Response));
        return isEqual && known is not null && secret is not null;
    }

    private XcapAnswer Challenge(bool isStale)
    {
        var tail = isStale ? ", stale=true" : "";
        return XcapAnswer.Of(StatusCodes.Status401Unauthorized, "Who asks?") with
        {
            Challenges =
            [
                .. file.Algorithms.Select(algorithm =>
                    $"Digest realm=\"{realm}\", qop=\"auth\", algorithm={algorithm}, "
                    + $"nonce=\"{nonces.Create()}\"{tail}"),
            ],
        };
    }

    // Of IPv6 the block that one subscriber has.
    private static string AddressKey(IPAddress? peer)
    {
        var bytes = peer?.GetAddressBytes() ?? [];
        return Convert.ToHexString(peer is { IsIPv4MappedToIPv6: false } && bytes.Length == 16 ? bytes[..8] : bytes);
    }

    // MD5 is what the protocol has.
#pragma warning disable CA5351
    private static string Hash(string text, bool isSha256)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return Convert.ToHexStringLower(isSha256 ? SHA256.HashData(bytes) : MD5.HashData(bytes));
    }
#pragma warning restore CA5351
}
