using System.Text;

namespace ImSidecar.Protocol.Cpim;

/// <summary>Value of a From, To or cc field, RFC 3862 4.1: a name, possibly empty, and a URI of any scheme.</summary>
public sealed record CpimAddress(string Name, string Uri)
{
    public CpimAddress(string uri)
        : this("", uri)
    {
    }

    public static bool TryParse(ReadOnlySpan<char> value, out CpimAddress address)
    {
        address = null!;
        value = value.Trim();
        var open = value.LastIndexOf('<');
        if (open < 0 || value[^1] != '>')
            return false;

        var uri = value[(open + 1)..^1];
        if (uri.IndexOf(':') <= 0 || uri.ContainsAny(" \t<>\""))
            return false;

        address = new(ReadName(value[..open].Trim()), uri.ToString());
        return true;
    }

    public override string ToString() => Name.Length == 0 ? $"<{Uri}>" : $"\"{Escape(Name)}\" <{Uri}>";

    private static string ReadName(ReadOnlySpan<char> written)
    {
        if (written is not ['"', .. var inner, '"'])
            return written.ToString();

        var name = new StringBuilder(inner.Length);
        for (var i = 0; i < inner.Length; i++)
        {
            if (inner[i] == '\\' && i + 1 < inner.Length)
                i++;
            name.Append(inner[i]);
        }

        return name.ToString();
    }

    private static string Escape(string name)
    {
        var escaped = new StringBuilder(name.Length);
        foreach (var c in name)
        {
            if (c is '"' or '\\')
                escaped.Append('\\');
            if (!char.IsControl(c))
                escaped.Append(c);
        }

        return escaped.ToString();
    }
}
