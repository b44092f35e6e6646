using System.Net;

namespace ImSidecar.Server.Options;

/// <summary>Section "Http": where health, XCAP and MSRP over WebSocket are served.</summary>
internal sealed record HttpOptions
{
    public const string Section = "Http";

    public string Listen { get; init; } = "127.0.0.1:8080";

    /// <summary>With TLS and the certificate of "MsrpTls", without health and metrics; empty: not with TLS.</summary>
    public string TlsListen { get; init; } = "";

    /// <summary>Null when <see cref="Listen"/> is no address with a port.</summary>
    public IPEndPoint? ListenEndPoint => EndPointOf(Listen);

    /// <summary>Null when <see cref="TlsListen"/> is no address with a port.</summary>
    public IPEndPoint? TlsListenEndPoint => EndPointOf(TlsListen);

    public static IPEndPoint? EndPointOf(string text) =>
        text.Contains(':', StringComparison.Ordinal) && IPEndPoint.TryParse(text, out var endPoint) ? endPoint : null;
}
