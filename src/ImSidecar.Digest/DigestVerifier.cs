using System.Net;
using System.Security.Cryptography;
using System.Text;
using ImSidecar.Protocol.Digest;

namespace ImSidecar.Digest;

/// <summary>Digest, RFC 7616, of whatever protocol: MD5 and SHA-256, qop auth.</summary>
public sealed class DigestVerifier(DigestFile file, string realm, DigestNonces nonces, FailureLimit limit)
{
    // Somebody who does not exist costs as much as somebody who does.
    private static readonly DigestUser _nobody = new("", new('0', 32), new('0', 64));

    /// <summary>Values of WWW-Authenticate, one for each algorithm.</summary>
    public IReadOnlyList<string> Challenges(bool isStale)
    {
        var tail = isStale ? ", stale=true" : "";
        return
        [
            .. file.Algorithms.Select(algorithm =>
                $"Digest realm=\"{realm}\", qop=\"auth\", algorithm={algorithm}, nonce=\"{nonces.Create()}\"{tail}"),
        ];
    }

    /// <summary>A nonce for who has proved himself.</summary>
    public string NextNonce() => nonces.Create();

    /// <summary>
    /// Looks at an Authorization header; the URI is that of the request, and in MSRP need not be said again (RFC 4976).
    /// </summary>
    public DigestVerdict Check(
        string method, string uri, string? authorization, IPAddress? peer, bool mayOmitUri = false)
    {
        if (authorization is null || !DigestCredentials.TryParse(authorization, out var credentials))
            return new(DigestResult.Wrong);

        var isOmitted = mayOmitUri && credentials.Uri.Length == 0;
        return Check(method, uri, isOmitted ? credentials with { Uri = uri } : credentials, peer);
    }

    private DigestVerdict Check(string method, string uri, DigestCredentials credentials, IPAddress? peer)
    {
        var address = AddressKey(peer);
        if (limit.IsExceeded(address, credentials.User))
            return new(DigestResult.Locked);

        if (credentials.Uri != uri)
            return new(DigestResult.OtherUri);

        if (credentials.Realm != realm || !IsRight(method, credentials, out var user, out var proof))
        {
            limit.Count(address, credentials.User);
            return new(DigestResult.Wrong);
        }

        return nonces.Use(credentials.Nonce, credentials.CountValue) == NonceState.Good
            ? new(DigestResult.Good, user, credentials.User, proof)
            : new(DigestResult.Stale);
    }

    private bool IsRight(string method, DigestCredentials credentials, out DigestUser user, out string proof)
    {
        var known = file.Find(credentials.User);
        user = known ?? _nobody;
        var secret = credentials.IsSha256 ? user.Sha256 : user.Md5;
        var head = $"{secret}:{credentials.Nonce}:{credentials.Count}:{credentials.ClientNonce}:auth:";
        var expected = Hash(head + Hash($"{method}:{credentials.Uri}", credentials.IsSha256), credentials.IsSha256);
        proof = Hash(head + Hash($":{credentials.Uri}", credentials.IsSha256), credentials.IsSha256);
        var isEqual = CryptographicOperations.FixedTimeEquals(
            Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(credentials.Response));
        return isEqual && known is not null && secret is not null;
    }

    /// <summary>Of IPv6 the block that one subscriber has.</summary>
    public static string AddressKey(IPAddress? peer)
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
