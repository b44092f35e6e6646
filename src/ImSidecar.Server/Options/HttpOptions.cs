using System.Net;

namespace ImSidecar.Server.Options;

/// <summary>Section "Http": where health is served.</summary>
internal sealed record HttpOptions
{
    public const string Section = "Http";

    public string Listen { get; init; } = "127.0.0.1:8080";

    /// <summary>Null when <see cref="Listen"/> is no address with a port.</summary>
    public IPEndPoint? ListenEndPoint =>
        Listen.Contains(':', StringComparison.Ordinal) && IPEndPoint.TryParse(Listen, out var endPoint)
            ? endPoint
            : null;
}
