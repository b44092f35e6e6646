using ImSidecar.Protocol.Sip;

namespace ImSidecar.Msrp.Switch;

/// <summary>
/// What the URIs of one user have in common, RFC 3261 19.1.4: the address, and the global number in it if it is one.
/// Any other URI stands for itself.
/// </summary>
internal readonly record struct UserKey(string Address, string Person)
{
    public static UserKey Of(string uri) =>
        SipUri.TryParse(uri, out var parsed) ? new(parsed.AddressKey, parsed.PersonKey) : new(uri, uri);

    public static HashSet<string> All(IEnumerable<string> uris) =>
        [.. uris.Select(Of).SelectMany(key => new[] { key.Address, key.Person })];

    public bool IsIn(HashSet<string> keys) => keys.Contains(Address) || keys.Contains(Person);

    /// <summary>Remembers the last one: who speaks says the same URIs again and again.</summary>
    internal struct Memory
    {
        private string? _uri;
        private UserKey _key;

        public UserKey Get(string uri)
        {
            if (_uri == uri)
                return _key;

            _uri = uri;
            return _key = Of(uri);
        }
    }
}
