using System.Security.Cryptography;
using System.Text;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Client.Sip;

/// <summary>Answers digest challenges, RFC 3261 22.4, RFC 7616, RFC 8760: MD5 and SHA-256, qop=auth.</summary>
internal sealed class DigestCredentials(string user, string password)
{
    /// <summary>The value of Authorization or Proxy-Authorization for that request.</summary>
    public string Answer(DigestChallenge challenge, string method, string uri, string clientNonce, uint count = 1)
    {
        var secret = Hash(challenge, $"{user}:{challenge.Realm}:{password}");
        var target = Hash(challenge, $"{method}:{uri}");
        var proof = challenge.HasQop
            ? Hash(challenge, $"{secret}:{challenge.Nonce}:{count:x8}:{clientNonce}:auth:{target}")
            : Hash(challenge, $"{secret}:{challenge.Nonce}:{target}");

        var value = new StringBuilder("Digest ")
            .Append($"username={Quote(user)}, realm={Quote(challenge.Realm)}, nonce={Quote(challenge.Nonce)}, ")
            .Append($"uri={Quote(uri)}, response=\"{proof}\", algorithm={challenge.Algorithm}");
        if (challenge.HasQop)
            value.Append($", qop=auth, nc={count:x8}, cnonce={Quote(clientNonce)}");
        if (challenge.Opaque is { } opaque)
            value.Append($", opaque={Quote(opaque)}");
        return value.ToString();
    }

    /// <summary>The request with the answer to that challenge, or null if there is none to give.</summary>
    public SipMessage? Authorize(SipMessage request, SipMessage refusal)
    {
        if (DigestChallenge.Of(refusal) is not { } challenge)
            return null;

        var name = refusal.Status == 407 ? "Proxy-Authorization" : "Authorization";
        return request.Clone().Set(name, Answer(challenge, request.Method!, request.RequestUri!, Token.New(16)));
    }

    // RFC 3261 22.4 8: MD5 is what the protocol knows; it protects nothing here but compatibility.
    private static string Hash(DigestChallenge challenge, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
#pragma warning disable CA5351
        var hash = challenge.Algorithm == "SHA-256" ? SHA256.HashData(bytes) : MD5.HashData(bytes);
        return Convert.ToHexStringLower(hash);
#pragma warning restore CA5351
    }

    private static string Quote(string text) => SipParameters.Quote(text);
}
