using ImSidecar.Protocol.Sip;

namespace ImSidecar.Client.Sip;

/// <summary>What WWW-Authenticate or Proxy-Authenticate asks for, RFC 7616 3.3 and RFC 8760.</summary>
internal sealed record DigestChallenge(string Realm, string Nonce, string Algorithm, string? Opaque, bool HasQop)
{
    /// <summary>The strongest challenge of a 401 or 407 that we can answer, or null.</summary>
    public static DigestChallenge? Of(SipMessage response)
    {
        var name = response.Status == 407 ? "Proxy-Authenticate" : "WWW-Authenticate";
        return Of(response.Headers
            .Where(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            .Select(header => header.Value));
    }

    /// <summary>The strongest that we can answer of several header fields, of SIP or HTTP.</summary>
    public static DigestChallenge? Of(IEnumerable<string> challenges) => challenges
        .Select(TryParse)
        .OfType<DigestChallenge>()
        .OrderByDescending(challenge => challenge.Algorithm == "SHA-256")
        .FirstOrDefault();

    private static DigestChallenge? TryParse(string value)
    {
        if (!value.StartsWith("Digest ", StringComparison.OrdinalIgnoreCase))
            return null;

        // Separated by commas here; qop may hold a comma of its own, but inside quotes.
        var parameters = value[7..];
        var algorithm = Find(parameters, "algorithm") ?? "MD5";
        var qop = Find(parameters, "qop");
        if (Find(parameters, "realm") is not { } realm || Find(parameters, "nonce") is not { } nonce)
            return null;

        if (!algorithm.Equals("MD5", StringComparison.OrdinalIgnoreCase)
            && !algorithm.Equals("SHA-256", StringComparison.OrdinalIgnoreCase))
            return null;

        if (qop is not null && !qop.Split(',', StringSplitOptions.TrimEntries).Contains("auth"))
            return null;

        return new(realm, nonce, algorithm.ToUpperInvariant(), Find(parameters, "opaque"), qop is not null);
    }

    private static string? Find(string parameters, string name)
    {
        foreach (var part in new SipList(parameters, ','))
        {
            var equals = part.IndexOf('=');
            if (equals > 0 && part[..equals].Trim().Equals(name, StringComparison.OrdinalIgnoreCase))
                return SipParameters.Unquote(part[(equals + 1)..].Trim());
        }

        return null;
    }
}
