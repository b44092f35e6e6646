using System.Globalization;

namespace ImSidecar.Protocol.Sip;

/// <summary>Session-Expires, RFC 4028 4: the interval in seconds and who refreshes.</summary>
public readonly record struct SessionExpires(int Seconds, Refresher? Refresher = null)
{
    public static bool TryParse(ReadOnlySpan<char> text, out SessionExpires value)
    {
        value = default;
        var semicolon = text.IndexOf(';');
        var delta = (semicolon < 0 ? text : text[..semicolon]).Trim();
        if (delta.IsEmpty || delta.ContainsAnyExceptInRange('0', '9'))
            return false;

        // What is too large for us is very long, not malformed.
        if (!int.TryParse(delta, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
            seconds = int.MaxValue;

        if (seconds == 0)
            return false;

        var parameters = semicolon < 0 ? "" : text[semicolon..];
        Refresher? refresher = SipParameters.Find(parameters, "refresher") switch
        {
            null => null,
            var who when who.Equals("uac", StringComparison.OrdinalIgnoreCase) => Sip.Refresher.Uac,
            var who when who.Equals("uas", StringComparison.OrdinalIgnoreCase) => Sip.Refresher.Uas,
            _ => null,
        };
        value = new(seconds, refresher);
        return true;
    }

    public override string ToString() => Seconds.ToString(CultureInfo.InvariantCulture) + Refresher switch
    {
        Sip.Refresher.Uac => ";refresher=uac",
        Sip.Refresher.Uas => ";refresher=uas",
        _ => "",
    };
}

/// <summary>Who refreshes a session, in the roles of the current request; RFC 4028 4.</summary>
public enum Refresher
{
    Uac,
    Uas,
}
