namespace ImSidecar.Protocol.Sip;

/// <summary>Users, each of them once under whichever address, IM 5.1.</summary>
public sealed class PersonSet
{
    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);

    /// <summary>False when he is among them already.</summary>
    public bool Add(SipUri user)
    {
        var isNew = !_keys.Contains(user.AddressKey) && !_keys.Contains(user.PersonKey);
        _keys.Add(user.AddressKey);
        _keys.Add(user.PersonKey);
        return isNew;
    }
}
