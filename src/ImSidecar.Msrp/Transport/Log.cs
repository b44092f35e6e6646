using Microsoft.Extensions.Logging;

namespace ImSidecar.Msrp.Transport;

/// <summary>What the transport logs.</summary>
internal static partial class Log
{
    [LoggerMessage(40, LogLevel.Information, "New TLS certificate taken, valid until {End:u}: {Fingerprint}")]
    public static partial void CertificateTaken(this ILogger log, DateTime? end, string fingerprint);

    [LoggerMessage(42, LogLevel.Warning, "The TLS certificate ends at {End:u}")]
    public static partial void CertificateEnds(this ILogger log, DateTime end);

    [LoggerMessage(41, LogLevel.Error, "The TLS certificate stays the old one: {Error}")]
    public static partial void CertificateNotTaken(this ILogger log, string error);
}
