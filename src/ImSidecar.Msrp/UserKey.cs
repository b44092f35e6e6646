using ImSidecar.Protocol.Sip;

namespace ImSidecar.Msrp;

/// <summary>What two URIs of one user have in common, RFC 3261 19.1.4; any other URI stands for itself.</summary>
internal struct UserKey
{
    private string? _uri;
    private string? _key;

    public static string Of(string uri) => SipUri.TryParse(uri, out var parsed) ? parsed.AddressKey : uri;

    /// <summary>The same, remembering the last one: who speaks says the same URIs again and again.</summary>
    public string Get(string uri)
    {
        if (_uri == uri)
            return _key!;

        _uri = uri;
        return _key = Of(uri);
    }
}
