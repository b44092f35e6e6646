using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Protocol.Sdp;

/// <summary>A session description, RFC 4566. All lines are kept in their order, so it writes what it read.</summary>
public sealed record SessionDescription(ImmutableArray<SdpLine> Lines, ImmutableArray<SdpMedia> Media)
{
    public SdpOrigin Origin => SdpOrigin.TryParse(ValueOf('o') ?? "", out var origin) ? origin : default;

    public string? SessionName => ValueOf('s');

    public string? Information => ValueOf('i');

    public string? Timing => ValueOf('t');

    /// <summary>The address of the session's c= line; null when there is none.</summary>
    public string? ConnectionAddress => AddressOf(Lines);

    public static bool TryParse(ReadOnlySpan<byte> body, out SessionDescription description) =>
        SdpReader.TryRead(body, out description);

    /// <summary>An offer of one MSRP stream.</summary>
    public static SessionDescription Offer(long sessionId, long version, string address, MsrpMedia local) =>
        new(Head(sessionId, version, address, "0 0"), [MsrpMediaLines.Write(local, alwaysDirection: true)]);

    /// <summary>Takes the offer's media line of that index and refuses all others, RFC 3264 6.</summary>
    public static SessionDescription Answer(
        SessionDescription offer, long sessionId, long version, string address, int mediaIndex, MsrpMedia local)
    {
        var taken = offer.Media[mediaIndex];
        var answered = MsrpMediaLines.Write(local, taken.Protocol, taken.Formats, alwaysDirection: false);
        var media = offer.Media.Select((each, index) => index == mediaIndex ? answered : each.Rejected());

        // RFC 3264 6: the answer repeats the offer's t= line.
        return new(Head(sessionId, version, address, offer.Timing ?? "0 0"), [.. media]);
    }

    /// <summary>The same session in another version of its description.</summary>
    public SessionDescription WithVersion(long version) => this with
    {
        Lines = [.. Lines.Select(line => line.Type == 'o'
            ? new('o', (Origin with { Version = version.ToString(CultureInfo.InvariantCulture) }).ToString())
            : line)],
    };

    /// <summary>The same with another a=setup on the media lines that are in use.</summary>
    public SessionDescription WithSetup(SetupRole role) => this with
    {
        Media = [.. Media.Select(each => each.IsRejected ? each : MsrpMediaLines.WithSetup(each, role))],
    };

    /// <summary>The same with another a=fingerprint on the media lines that are in use.</summary>
    public SessionDescription WithFingerprint(string fingerprint) => this with
    {
        Media = [.. Media.Select(each => each.IsRejected ? each : MsrpMediaLines.WithFingerprint(each, fingerprint))],
    };

    /// <summary>The same with this path, and its address and port, on the media lines that are in use.</summary>
    public SessionDescription WithPath(MsrpUri path) => this with
    {
        Lines = [.. Lines.Select(line => line.Type == 'c' ? Connection(path.Host) : line)],
        Media = [.. Media.Select(each => each.IsRejected ? each : MsrpMediaLines.WithPath(each, path))],
    };

    /// <summary>The value of the session's first attribute of that name: "" for a bare one, null for none.</summary>
    public string? Attribute(string name) => AttributeOf(Lines, name);

    /// <summary>The first MSRP stream that can be used: not refused, and with a path.</summary>
    public bool TryFindMsrp(out int index, out MsrpMedia media) => TryFindMsrp(_ => true, out index, out media);

    /// <summary>The first of those that can be used which will do.</summary>
    public bool TryFindMsrp(Func<MsrpMedia, bool> willDo, out int index, out MsrpMedia media)
    {
        for (index = 0; index < Media.Length; index++)
            if (!Media[index].IsRejected && MsrpMediaLines.TryRead(this, Media[index], out media) && willDo(media))
                return true;

        index = -1;
        media = null!;
        return false;
    }

    public byte[] ToBytes() => Encoding.UTF8.GetBytes(ToString());

    public override string ToString()
    {
        var text = new StringBuilder();
        Append(text, Lines);

        foreach (var media in Media)
        {
            text.Append(media).Append("\r\n");
            Append(text, media.Lines);
        }

        return text.ToString();
    }

    internal static string? AttributeOf(ImmutableArray<SdpLine> lines, string name)
    {
        foreach (var line in lines)
            if (line.ValueOf(name) is { } value)
                return value;

        return null;
    }

    internal static string? AddressOf(ImmutableArray<SdpLine> lines)
    {
        foreach (var line in lines)
            if (line.Type == 'c' && line.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, _, var address])
                return address.Split('/')[0];

        return null;
    }

    private static ImmutableArray<SdpLine> Head(long sessionId, long version, string address, string timing)
    {
        var id = sessionId.ToString(CultureInfo.InvariantCulture);
        var versionText = version.ToString(CultureInfo.InvariantCulture);
        return
        [
            new('v', "0"),
            new('o', new SdpOrigin("-", id, versionText, TypeOf(address), address).ToString()),
            new('s', "-"),
            Connection(address),
            new('t', timing),
        ];
    }

    private static SdpLine Connection(string address) => new('c', $"IN {TypeOf(address)} {address}");

    private static string TypeOf(string address) => address.Contains(':', StringComparison.Ordinal) ? "IP6" : "IP4";

    private string? ValueOf(char type)
    {
        foreach (var line in Lines)
            if (line.Type == type)
                return line.Value;

        return null;
    }

    private static void Append(StringBuilder text, ImmutableArray<SdpLine> lines)
    {
        foreach (var line in lines)
            text.Append(line.Type).Append('=').Append(line.Value).Append("\r\n");
    }
}
