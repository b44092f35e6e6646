using System.Net;
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

    /// <summary>How long sessions go on as they are while no sidecar is attached; then they end.</summary>
    public TimeSpan KeepLegsFor { get; init; } = TimeSpan.FromMinutes(2);

    public bool IsRemote => Socket.Length > 0;

    /// <summary>Null when it is no address with a port.</summary>
    public IPEndPoint? HttpEndPoint =>
        HttpListen.Contains(':', StringComparison.Ordinal) && IPEndPoint.TryParse(HttpListen, out var endPoint)
            ? endPoint : null;
}

/// <summary>Checks the section "MsrpControl" at start; each complaint names its key.</summary>
internal sealed class PlaneOptionsValidator : IValidateOptions<PlaneOptions>
{
    // sun_path of a Unix socket address holds 108 bytes with its end.
    private const int MaxSocketPath = 107;

    private static readonly TimeSpan _longest = TimeSpan.FromHours(1);

    public ValidateOptionsResult Validate(string? name, PlaneOptions options)
    {
        List<string> failures = [];
        if (options.IsRemote && !(Path.IsPathRooted(options.Socket) && options.Socket.Length <= MaxSocketPath))
            failures.Add("MsrpControl:Socket must be an absolute path of at most 107 characters, or empty");

        if (options.HttpEndPoint is null)
            failures.Add("MsrpControl:HttpListen must be ADDRESS:PORT");

        if (options.KeepLegsFor < TimeSpan.Zero || options.KeepLegsFor > _longest)
            failures.Add("MsrpControl:KeepLegsFor must be between 0 and 01:00:00");

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
