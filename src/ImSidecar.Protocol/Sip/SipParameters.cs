namespace ImSidecar.Protocol.Sip;

/// <summary>Look-up in a semicolon-separated parameter list, RFC 3261 25.1; names are case-insensitive.</summary>
public static class SipParameters
{
    /// <summary>The value (unquoted), "" for a parameter without value, null when absent.</summary>
    public static string? Find(ReadOnlySpan<char> parameters, ReadOnlySpan<char> name)
    {
        foreach (var part in new SipList(parameters, ';'))
        {
            var equals = part.IndexOf('=');
            var key = (equals < 0 ? part : part[..equals]).Trim();
            if (key.Equals(name, StringComparison.OrdinalIgnoreCase))
                return equals < 0 ? "" : Unquote(part[(equals + 1)..].Trim());
        }

        return null;
    }

    public static string Unquote(ReadOnlySpan<char> value)
    {
        if (value.Length < 2 || value[0] != '"' || value[^1] != '"')
            return value.ToString();

        var inner = value[1..^1];
        if (!inner.Contains('\\'))
            return inner.ToString();

        var text = new System.Text.StringBuilder(inner.Length);
        for (var i = 0; i < inner.Length; i++)
        {
            if (inner[i] == '\\' && i + 1 < inner.Length)
                i++;
            text.Append(inner[i]);
        }

        return text.ToString();
    }

    /// <summary>A quoted-string; control characters are dropped, so no header can be injected.</summary>
    public static string Quote(string text)
    {
        var quoted = new System.Text.StringBuilder(text.Length + 2).Append('"');
        foreach (var c in text)
        {
            if (c is '"' or '\\')
                quoted.Append('\\');
            if (!char.IsControl(c))
                quoted.Append(c);
        }

        return quoted.Append('"').ToString();
    }
}
