using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Msrp;
using ImSidecar.Protocol.Sdp;

namespace ImSidecar.Core.Controlling;

/// <summary>What carries the MSRP of a leg, and who opens it: RFC 4975 14.4, RFC 6135, RFC 6714, RFC 7977.</summary>
internal static class MediaTransport
{
    public const string NoTls = "MSRP over TLS is not available";
    public const string OnlyTls = "MSRP must use TLS";
    public const string Unproven = "MSRP over TLS needs a path of msrps and a fingerprint of SHA-256 or better";
    public const string NoWebSocket = "MSRP over WebSocket is not available";
    public const string Unreachable = "Nobody can connect to this MSRP path, setup must be active";

    /// <summary>Our path URI in what we offer.</summary>
    public static MsrpUri Offering(string? sessionId, Facts facts) =>
        facts.Operator.MediaTls == MediaTls.Always ? Secure(sessionId, facts) : Plain(sessionId, facts);

    /// <summary>Our path URI in the answer to what the peer offers.</summary>
    public static MsrpUri Answering(string sessionId, MsrpMedia offered, Facts facts) =>
        IsWebSocket(offered) && facts.Operator.WebSocket is { } web
            ? new(web.Host, web.Port, sessionId, "ws", offered.IsTls)
            : offered.IsTls ? Secure(sessionId, facts) : Plain(sessionId, facts);

    /// <summary>Why the offer's stream cannot be carried; null: it can.</summary>
    public static string? Complaint(MsrpMedia offered, Facts facts)
    {
        if (!offered.IsTls && facts.Operator.MediaTls == MediaTls.Always)
            return OnlyTls;

        if (offered.Setup == SetupRole.Passive && !IsReachable(offered))
            return Unreachable;

        // Its TLS is that of HTTPS, with the certificate there.
        if (IsWebSocket(offered))
            return facts.Operator.WebSocket is null ? NoWebSocket : null;

        if (!offered.IsTls)
            return null;

        return facts.SecureMedia is null || facts.Operator.MediaTls == MediaTls.Never ? NoTls
            : IsProven(offered) ? null
            : Unproven;
    }

    /// <summary>Whether an answer keeps to what we have offered.</summary>
    public static bool Fits(LegMedia leg, MsrpMedia answered) =>
        answered.IsTls == UriOf(leg).IsSecure
        && (IsWebSocket(answered) || !answered.IsTls || IsProven(answered))
        && (IsReachable(answered) || answered.Setup is SetupRole.Active or SetupRole.HoldConn);

    /// <summary>RFC 6135 4.2.2: we are reached from outside, so we are passive unless the peer is.</summary>
    public static SetupRole Answering(SetupRole? offered) => offered switch
    {
        SetupRole.Passive => SetupRole.Active,
        SetupRole.HoldConn => SetupRole.HoldConn,
        _ => SetupRole.Passive,
    };

    /// <summary>Our side of the media, as far as it is about the connection.</summary>
    public static MsrpMedia Local(MsrpUri uri, Facts facts) => new()
    {
        Port = uri.EffectivePort,
        Path = [uri],
        IsTls = uri.IsSecure,
        Fingerprints = uri.IsSecure && IsTcp(uri) && facts.SecureMedia is { } tls ? [tls.Fingerprint] : [],
    };

    /// <summary>The leg with what the peer has said of the connection.</summary>
    public static LegMedia Remote(LegMedia leg, MsrpMedia media, SetupRole ours) => leg with
    {
        RemotePath = [.. media.Path.Select(uri => uri.ToString())],
        Connects = ours == SetupRole.Active,
        HoldsConnection = ours == SetupRole.HoldConn,
        ConnectTo = ours == SetupRole.Active && media.IsCema ? ConnectTo(media) : null,

        // Who comes by a relay shows the certificate of that, RFC 4976 9.2.
        Fingerprints = media is { IsTls: true, Path.Length: 1 } && !IsWebSocket(media)
            ? [.. media.Fingerprints.Where(SdpFingerprint.IsStrong)]
            : [],
    };

    /// <summary>The leg as it is to be at this node; the same unless another node, or another address of ours, had it.</summary>
    public static LegMedia Here(LegMedia leg, Facts facts)
    {
        var there = UriOf(leg);
        var here = !IsTcp(there)
            ? facts.Operator.WebSocket is { } web
                ? new(web.Host, web.Port, leg.SessionId, there.Transport, there.IsSecure) : there
            : there.IsSecure ? Secure(leg.SessionId, facts) : Plain(leg.SessionId, facts);
        return here.IsSecure == there.IsSecure
            && (here.EffectivePort != there.EffectivePort || !here.Host.Equals(there.Host, StringComparison.OrdinalIgnoreCase))
            ? leg with { LocalUri = here.ToString() }
            : leg;
    }

    /// <summary>Our last description names where we are no more.</summary>
    public static bool IsToldElsewhere(LegMedia leg) =>
        SessionDescription.TryParse(leg.LocalDescription.Span, out var last)
        && last.TryFindMsrp(out _, out var said)
        && !said.Path[0].Equals(UriOf(leg));

    public static MsrpUri UriOf(LegMedia leg)
    {
        _ = MsrpUri.TryParse(leg.LocalUri, out var uri);
        return uri;
    }

    // RFC 6714 4.4: where c= and m= lead, when something between has put its own address there.
    private static string? ConnectTo(MsrpMedia media)
    {
        var first = media.Path[0];
        var address = media.Address?.Trim('[', ']') ?? "";
        if (address is "" or "0.0.0.0" or "::" || media.Port is 0 or 9
            || address.Equals(first.Host, StringComparison.OrdinalIgnoreCase) && media.Port == first.EffectivePort)
            return null;

        var scheme = first.IsSecure ? "msrps" : "msrp";
        var host = address.Contains(':', StringComparison.Ordinal) ? $"[{address}]" : address;
        return MsrpUri.TryParse($"{scheme}://{host}:{media.Port};tcp", out var uri) ? uri.ToString() : null;
    }

    private static bool IsProven(MsrpMedia media) => media.Path[0].IsSecure
        && (media.Fingerprints.IsEmpty || media.Fingerprints.Any(SdpFingerprint.IsStrong));

    private static bool IsWebSocket(MsrpMedia media) =>
        media.Path[0].Transport.ToUpperInvariant() is "WS" or "WSS";

    private static bool IsTcp(MsrpUri uri) => uri.Transport.Equals("tcp", StringComparison.OrdinalIgnoreCase);

    private static bool IsReachable(MsrpMedia media) => IsTcp(media.Path[0]);

    private static MsrpUri Plain(string? sessionId, Facts facts) =>
        new(facts.Operator.MsrpHost, facts.Operator.MsrpPort, sessionId);

    private static MsrpUri Secure(string? sessionId, Facts facts) => facts.SecureMedia is { } tls
        ? new(facts.Operator.MsrpHost, tls.Port, sessionId, isSecure: true)
        : Plain(sessionId, facts);
}
