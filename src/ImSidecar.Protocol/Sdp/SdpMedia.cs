using System.Collections.Immutable;
using System.Globalization;

namespace ImSidecar.Protocol.Sdp;

/// <summary>One m= line, RFC 4566 5.14, with the lines that follow it. Port 0 means rejected (RFC 3264 6).</summary>
public sealed record SdpMedia(
    string Kind, int Port, string Protocol, string Formats, ImmutableArray<SdpLine> Lines)
{
    /// <summary>The number of ports when the line gives it.</summary>
    public int? PortCount { get; init; }

    public bool IsRejected => Port == 0;

    /// <summary>The address of the c= line here; null when the session's holds.</summary>
    public string? ConnectionAddress => SessionDescription.AddressOf(Lines);

    /// <summary>The value of the first attribute of that name: "" for a bare one, null when there is none.</summary>
    public string? Attribute(string name) => SessionDescription.AttributeOf(Lines, name);

    /// <summary>The same m= line, refused.</summary>
    public SdpMedia Rejected() => new(Kind, 0, Protocol, Formats, []);

    internal static bool TryParse(string value, out SdpMedia media)
    {
        var parts = value.Split(' ', 4, StringSplitOptions.RemoveEmptyEntries);
        media = null!;
        if (parts.Length != 4)
            return false;

        var slash = parts[1].IndexOf('/', StringComparison.Ordinal);
        var portText = slash < 0 ? parts[1] : parts[1][..slash];
        if (!TryParsePort(portText, out var port))
            return false;

        var count = 0;
        if (slash >= 0 && !TryParsePort(parts[1][(slash + 1)..], out count))
            return false;

        media = new(parts[0], port, parts[2], parts[3], []) { PortCount = slash < 0 ? null : count };
        return true;
    }

    public override string ToString()
    {
        var ports = PortCount is { } count
            ? string.Create(CultureInfo.InvariantCulture, $"{Port}/{count}")
            : Port.ToString(CultureInfo.InvariantCulture);
        return $"m={Kind} {ports} {Protocol} {Formats}";
    }

    private static bool TryParsePort(string text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port <= ushort.MaxValue;
}
