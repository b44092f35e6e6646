namespace ImSidecar.Protocol.Sdp;

/// <summary>The o= line, RFC 4566 5.2: who made the description, and which version of it this is.</summary>
public readonly record struct SdpOrigin(
    string UserName, string SessionId, string Version, string AddressType, string Address)
{
    public static bool TryParse(string value, out SdpOrigin origin)
    {
        var parts = value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        origin = default;

        if (parts.Length != 6 || !parts[1].All(char.IsAsciiDigit) || !parts[2].All(char.IsAsciiDigit))
            return false;

        origin = new(parts[0], parts[1], parts[2], parts[4], parts[5]);
        return true;
    }

    public override string ToString() => $"{UserName} {SessionId} {Version} IN {AddressType} {Address}";
}
