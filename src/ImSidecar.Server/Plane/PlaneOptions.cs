using ImSidecar.Msrp;
using ImSidecar.Server.Options;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Plane;

/// <summary>
/// Section "MsrpControl": whether the MSRP plane runs as a process of its own, and where the sidecar finds it. Both
/// processes may read the same file.
/// </summary>
internal sealed record PlaneOptions
{
    public const string Section = "MsrpControl";

    /// <summary>Unix socket of "imsidecar msrp", mode 0660; empty: switch and relay run inside the sidecar.</summary>
    public string Socket { get; init; } = "";

    /// <summary>Address and port of health and WebSocket of "imsidecar msrp".</summary>
    public string HttpListen { get; init; } = "127.0.0.1:8081";

    /// <summary>The same with the certificate of the section MsrpTls; empty: no TLS.</summary>
    public string HttpTlsListen { get; init; } = "";

    /// <summary>How long sessions go on as they are while no sidecar is attached; then they end.</summary>
    public TimeSpan KeepLegsFor { get; init; } = TimeSpan.FromMinutes(2);

    public bool IsRemote => Socket.Length > 0;

    /// <summary>What the plane listens on for HTTP.</summary>
    public HttpOptions Http => new() { Listen = HttpListen, TlsListen = HttpTlsListen };
}

/// <summary>Checks the section "MsrpControl" at start; each complaint names its key.</summary>
internal sealed class PlaneOptionsValidator(IOptions<MsrpTlsOptions> tls) : IValidateOptions<PlaneOptions>
{
    // sun_path of a Unix socket address holds 108 bytes with its end.
    private const int MaxSocketPath = 107;

    private static readonly TimeSpan _longest = TimeSpan.FromHours(1);

    public ValidateOptionsResult Validate(string? name, PlaneOptions options)
    {
        List<string> failures = [];
        if (options.IsRemote && !(Path.IsPathRooted(options.Socket) && options.Socket.Length <= MaxSocketPath))
            failures.Add("MsrpControl:Socket must be an absolute path of at most 107 characters, or empty");

        if (options.Http.ListenEndPoint is null)
            failures.Add("MsrpControl:HttpListen must be ADDRESS:PORT");

        if (options.HttpTlsListen.Length > 0 && options.Http.TlsListenEndPoint is null)
            failures.Add("MsrpControl:HttpTlsListen must be ADDRESS:PORT");

        if (options.HttpTlsListen.Length > 0 && tls.Value.CertificateFile.Length == 0)
            failures.Add("MsrpControl:HttpTlsListen needs MsrpTls:CertificateFile");

        if (options.KeepLegsFor < TimeSpan.Zero || options.KeepLegsFor > _longest)
            failures.Add("MsrpControl:KeepLegsFor must be between 0 and 01:00:00");

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
