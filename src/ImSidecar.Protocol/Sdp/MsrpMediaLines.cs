using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Protocol.Sdp;

/// <summary>Between an m= line with its attributes and what they mean for MSRP, RFC 4975 8.</summary>
internal static class MsrpMediaLines
{
    public const int MaxTokens = 64;

    public static bool TryRead(SessionDescription session, SdpMedia media, out MsrpMedia msrp)
    {
        msrp = null!;
        if (!IsMsrp(media, out var isTls)
            || media.Attribute("path") is not { } pathText
            || !MsrpUri.TryParsePath(Encoding.UTF8.GetBytes(pathText), out var path)
            || !TrySplit(media.Attribute("accept-types"), out var types)
            || !TrySplit(media.Attribute("accept-wrapped-types"), out var wrappedTypes)
            || !TrySplit(media.Attribute("chatroom"), out var chatRoom)
            || !SdpFingerprint.TryReadAll(session, media, out var fingerprints))
            return false;

        msrp = new()
        {
            Port = media.Port,
            IsTls = isTls,
            Address = media.ConnectionAddress ?? session.ConnectionAddress,
            Fingerprints = fingerprints,
            IsCema = (media.Attribute("msrp-cema") ?? session.Attribute("msrp-cema")) is not null,
            Path = path,
            AcceptTypes = types ?? [],
            AcceptWrappedTypes = wrappedTypes ?? [],
            Setup = ReadSetup(media.Attribute("setup") ?? session.Attribute("setup")),
            MaxSize = ReadSize(media.Attribute("max-size")),
            ChatRoom = chatRoom,
            Direction = ReadDirection(media.Lines) ?? ReadDirection(session.Lines) ?? MediaDirection.SendRecv,
        };
        return true;
    }

    public static SdpMedia Write(MsrpMedia msrp, bool alwaysDirection) =>
        Write(msrp, msrp.IsTls ? "TCP/TLS/MSRP" : "TCP/MSRP", "*", alwaysDirection);

    public static SdpMedia Write(MsrpMedia msrp, string protocol, string formats, bool alwaysDirection)
    {
        var lines = ImmutableArray.CreateBuilder<SdpLine>();

        lines.Add(SdpLine.Attribute("accept-types", string.Join(' ', msrp.AcceptTypes)));
        if (!msrp.AcceptWrappedTypes.IsEmpty)
            lines.Add(SdpLine.Attribute("accept-wrapped-types", string.Join(' ', msrp.AcceptWrappedTypes)));

        lines.Add(SdpLine.Attribute("path", string.Join(' ', msrp.Path)));
        if (msrp.Setup is { } setup)
            lines.Add(SdpLine.Attribute("setup", Name(setup)));

        foreach (var fingerprint in msrp.Fingerprints)
            lines.Add(SdpLine.Attribute("fingerprint", fingerprint));

        if (msrp.IsCema)
            lines.Add(SdpLine.Attribute("msrp-cema"));

        if (msrp.ChatRoom is { } tokens)
            lines.Add(tokens.IsEmpty
                ? SdpLine.Attribute("chatroom")
                : SdpLine.Attribute("chatroom", string.Join(' ', tokens)));

        if (msrp.MaxSize is { } size)
            lines.Add(SdpLine.Attribute("max-size", size.ToString(CultureInfo.InvariantCulture)));

        if (alwaysDirection || msrp.Direction != MediaDirection.SendRecv)
            lines.Add(SdpLine.Attribute(Name(msrp.Direction)));

        return new("message", msrp.Port, protocol, formats, lines.ToImmutable());
    }

    public static SdpMedia WithSetup(SdpMedia media, SetupRole role) => With(media, "setup", Name(role));

    public static SdpMedia WithFingerprint(SdpMedia media, string fingerprint) =>
        With(media, "fingerprint", fingerprint);

    public static SdpMedia WithPath(SdpMedia media, MsrpUri path) =>
        With(media, "path", path.ToString()) with { Port = path.EffectivePort };

    private static SdpMedia With(SdpMedia media, string name, string value) => media with
    {
        Lines = [.. media.Lines.Where(line => line.ValueOf(name) is null), SdpLine.Attribute(name, value)],
    };

    // Browser clients say of TLS what others do, RFC 7977, or name their transport as other media do.
    private static bool IsMsrp(SdpMedia media, out bool isTls)
    {
        var protocol = media.Protocol.ToUpperInvariant();
        isTls = protocol is "TCP/TLS/MSRP" or "TCP/WSS/MSRP";
        return media.Kind.Equals("message", StringComparison.OrdinalIgnoreCase)
            && (isTls || protocol is "TCP/MSRP" or "TCP/WS/MSRP");
    }

    private static bool TrySplit(string? value, out ImmutableArray<string>? tokens)
    {
        var parts = value?.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        tokens = parts?.ToImmutableArray();
        return parts is null or { Length: <= MaxTokens };
    }

    private static long? ReadSize(string? value)
    {
        var digits = value.AsSpan().Trim();
        if (digits.IsEmpty || digits.ContainsAnyExceptInRange('0', '9'))
            return null;

        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            ? size
            : long.MaxValue;
    }

    // An unknown value counts as absent, as RFC 4566 5.13 says of unknown attributes.
    private static SetupRole? ReadSetup(string? value)
    {
        foreach (var role in Enum.GetValues<SetupRole>())
            if (Name(role).Equals(value?.Trim(), StringComparison.OrdinalIgnoreCase))
                return role;

        return null;
    }

    private static MediaDirection? ReadDirection(ImmutableArray<SdpLine> lines)
    {
        foreach (var direction in Enum.GetValues<MediaDirection>())
            if (SessionDescription.AttributeOf(lines, Name(direction)) is "")
                return direction;

        return null;
    }

    private static string Name<T>(T value)
        where T : struct, Enum =>
        value.ToString().ToLowerInvariant();
}
