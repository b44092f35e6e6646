namespace ImSidecar.Cli.Doctor;

/// <summary>Files with secrets are nobody else's to read, and sockets nobody else's to write to.</summary>
internal static class SecretCheck
{
    // Who may write to a socket may connect to it.
    private const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
    private const UnixFileMode Writers = UnixFileMode.OtherWrite;

    private const string MessageKeys = "DeferredStore:KeyFiles";

    private static readonly string[] _files =
    [
        "MsrpTls:KeyFile", "Gateway:KeyFile", "Store:PasswordFile", "DeferredStore:PasswordFile", "XcapClient:PasswordFile",
        "XcapServer:DigestFile", "Relay:DigestFile", "Telemetry:OtlpHeadersFile",
    ];

    private static readonly string[] _sockets = ["Admin:Socket", "Gateway:Socket", "MsrpControl:Socket"];

    public static IEnumerable<Finding> Run(Installation it)
    {
        var files = _files.Select(key => (Key: key, File: it.Settings[key]))
            .Concat(it.Settings.List(MessageKeys).Select(file => (Key: MessageKeys, File: file)))
            .Concat(OwnKey(it, "MsrpTls")).Concat(OwnKey(it, "Gateway"))
            .Where(each => each.File.Length > 0).Distinct().ToList();
        var bad = files.Where(each => IsOpen(each.File, Others)).ToList();
        foreach (var (key, file) in bad)
            yield return Finding.Fail(
                "secrets", $"Everybody on this machine may read {file} ({key})", $"chmod o= {file}");
        if (bad.Count == 0)
            yield return Finding.Ok("secrets", $"{files.Count} files, none of them readable for everybody");

        foreach (var key in _sockets)
        {
            if (it.Settings[key] is { Length: > 0 } socket && File.Exists(socket) && IsOpen(socket, Writers))
                yield return Finding.Fail(
                    "sockets", $"Everybody on this machine may use {socket} ({key})",
                    $"chmod o= {socket}, and restart imsidecar, which makes it with mode 0660");
        }
    }

    // No file for the key: it is in that of the certificate.
    private static IEnumerable<(string Key, string File)> OwnKey(Installation it, string section) =>
        it.Settings[$"{section}:KeyFile"].Length == 0
            ? [($"{section}:CertificateFile", it.Settings[$"{section}:CertificateFile"])] : [];

    private static bool IsOpen(string file, UnixFileMode mode)
    {
        try
        {
            return !OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & mode) != 0;
        }
        catch (Exception hidden) when (hidden is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
