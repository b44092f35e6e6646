using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Participating;

/// <summary>Which addresses are the same served user, IM 5.1: sip, sips and tel of one person.</summary>
public static class ServedAddress
{
    /// <summary>
    /// The person; also where a registrar has left out the user=phone that makes a number one. In a domain that is
    /// served nobody else is called like a global number.
    /// </summary>
    public static string KeyOf(SipUri user)
    {
        var person = user.PersonKey;
        if (user.Scheme == "tel" || user.User.Length < 2 || user.User[0] != '+')
            return person;

        return user.User.AsSpan(1).ContainsAnyExceptInRange('0', '9') ? person : "tel:" + user.User;
    }

    /// <summary>
    /// Of two addresses of one person the one that his documents are under: a tel URI has no home, a SIP URI does. Whom
    /// somebody called by his number first is not to lose his block list by that.
    /// </summary>
    public static SipUri Preferred(SipUri? known, SipUri named) =>
        known is null || (known.Scheme == "tel" && named.Scheme != "tel") ? named.Bare : known;
}
