using System.Buffers;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Protocol.Mime;

/// <summary>Value of a Content-Type header field, RFC 2045 5.1. The text is kept as it was read.</summary>
public sealed class MediaType
{
    public const int MaxLength = 1024;

    private static readonly SearchValues<char> TokenChars = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`{|}~");

    private readonly string _text;
    private readonly int _essenceEnd;

    private MediaType(string text, string type, string subtype, int essenceEnd)
    {
        _text = text;
        _essenceEnd = essenceEnd;
        Type = type;
        Subtype = subtype;
    }

    public string Type { get; }

    public string Subtype { get; }

    /// <summary>type/subtype in lower case, without parameters.</summary>
    public string Essence => $"{Type}/{Subtype}".ToLowerInvariant();

    public bool IsMultipart => Type.Equals("multipart", StringComparison.OrdinalIgnoreCase);

    public static bool TryParse(ReadOnlySpan<char> field, out MediaType mediaType)
    {
        var text = field.Trim();
        mediaType = null!;
        if (text.Length > MaxLength || text.ContainsAny("\r\n\0"))
            return false;

        var end = text.IndexOf(';');
        if (end < 0)
            end = text.Length;

        var essence = text[..end];
        var slash = essence.IndexOf('/');
        if (slash < 0)
            return false;

        var type = essence[..slash].Trim();
        var subtype = essence[(slash + 1)..].Trim();
        if (!IsToken(type) || !IsToken(subtype) || !AreParameters(text[end..]))
            return false;

        mediaType = new(text.ToString(), type.ToString(), subtype.ToString(), end);
        return true;
    }

    /// <summary>True for that type and subtype, whatever the case and the parameters.</summary>
    public bool Is(string essence) => Essence.Equals(essence, StringComparison.OrdinalIgnoreCase);

    /// <summary>The parameter's value without quotes; null when there is none.</summary>
    public string? Parameter(string name) => SipParameters.Find(_text.AsSpan(_essenceEnd), name);

    public override string ToString() => _text;

    internal static bool IsToken(ReadOnlySpan<char> text) => !text.IsEmpty && !text.ContainsAnyExcept(TokenChars);

    private static bool AreParameters(ReadOnlySpan<char> parameters)
    {
        foreach (var parameter in new SipList(parameters, ';'))
        {
            var equals = parameter.IndexOf('=');
            if (equals < 0 || !IsToken(parameter[..equals].Trim()) || !IsValue(parameter[(equals + 1)..].Trim()))
                return false;
        }

        return true;
    }

    // Clients write "/", ":" and the like without quotes, so everything that cannot end a value is taken.
    private static bool IsValue(ReadOnlySpan<char> value)
    {
        if (!value.StartsWith('"'))
            return !value.IsEmpty && !value.ContainsAny(" \t\"\\");

        for (var at = 1; at < value.Length; at++)
        {
            if (value[at] == '\\')
                at++;
            else if (value[at] == '"')
                return at == value.Length - 1;
        }

        return false;
    }
}
