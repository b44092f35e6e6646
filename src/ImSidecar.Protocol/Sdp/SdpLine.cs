namespace ImSidecar.Protocol.Sdp;

/// <summary>One line of a session description, RFC 4566 5: a letter, "=", a value.</summary>
public readonly record struct SdpLine(char Type, string Value)
{
    public static SdpLine Attribute(string name) => new('a', name);

    public static SdpLine Attribute(string name, string value) => new('a', name + ":" + value);

    /// <summary>The value when this is the attribute of that name ("" for a bare one), else null.</summary>
    internal string? ValueOf(string attribute)
    {
        if (Type != 'a' || !Value.StartsWith(attribute, StringComparison.OrdinalIgnoreCase))
            return null;

        if (Value.Length == attribute.Length)
            return "";

        return Value[attribute.Length] == ':' ? Value[(attribute.Length + 1)..] : null;
    }

    public override string ToString() => $"{Type}={Value}";
}
