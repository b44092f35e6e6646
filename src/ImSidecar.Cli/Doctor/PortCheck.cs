using System.Net;

namespace ImSidecar.Cli.Doctor;

/// <summary>Every port of the configuration has a listener, and it is ours.</summary>
internal static class PortCheck
{
    private static readonly string[] _ofSidecar = ["Http:Listen", "Http:TlsListen", "Gateway:Listen"];
    private static readonly string[] _ofPlane = ["MsrpControl:HttpListen", "MsrpControl:HttpTlsListen"];
    private static readonly string[] _ofMsrp = ["Msrp:Listen", "Msrp:TlsListen", "Relay:Listen", "Relay:TlsListen"];

    // As the packages run it, and as the SDK does.
    private static readonly string[] _ours = ["imsidecar", "dotnet", "?"];

    public static IEnumerable<Finding> Run(Installation it, ListeningSockets sockets)
    {
        foreach (var key in _ofSidecar.Concat(it.OwnPlane ? _ofPlane : []).Concat(_ofMsrp))
        {
            if (it.Settings[key].Length > 0 && IPEndPoint.TryParse(it.Settings[key], out var endPoint))
                yield return Of(it, key, endPoint, sockets.At(endPoint));
        }
    }

    private static Finding Of(Installation it, string key, IPEndPoint endPoint, IReadOnlyList<string> programs)
    {
        var unit = it.OwnPlane && !_ofSidecar.Contains(key) ? "imsidecar-msrp-relay" : "imsidecar";
        if (programs.Count == 0)
            return Finding.Fail(
                "ports", $"Nobody listens on {endPoint} ({key})",
                $"systemctl restart {unit}: a value that was changed needs it; journalctl -u {unit} says what failed");

        var others = programs.Where(program => !Array.Exists(
            _ours, ours => program.StartsWith(ours, StringComparison.Ordinal))).ToList();
        return others.Count == 0
            ? Finding.Ok("ports", $"{key} {endPoint}: {Owner(programs)}")
            : Finding.Fail(
                "ports", $"{endPoint} ({key}) is taken by {string.Join(", ", others)}",
                $"stop that program, or choose another port for {key}, and restart {unit}");
    }

    private static string Owner(IReadOnlyList<string> programs) =>
        programs is ["?"] ? "somebody listens (as root it is told who)" : string.Join(", ", programs);
}
