namespace ImSidecar.Cli.Doctor;

/// <summary>The file can be read, and the sidecar's own check finds nothing wrong with it.</summary>
internal static class ConfigurationCheck
{
    private const string Check = "configuration";
    private const string Warning = "warning: ";

    private static readonly string[] _programs =
    [
        Path.Combine(AppContext.BaseDirectory, "imsidecar"), "/usr/lib/imsidecar/imsidecar", "/usr/sbin/imsidecar",
    ];

    public static async Task<IEnumerable<Finding>> RunAsync(
        Installation it, string unreadable, CancellationToken cancellation)
    {
        var file = it.ConfigurationFile;
        if (unreadable.Length > 0)
            return [Finding.Fail(Check, unreadable, $"run this as root, mend {file}, or name another one by --config")];

        var program = Array.Find(_programs, File.Exists) ?? "imsidecar";
        string[] arguments = ["--check-config", "--config", file, .. it.Settings.Elsewhere];
        if (await Tool.RunAsync(program, arguments, cancellation) is not { } said)
            return [Finding.Ok(Check, $"{file} can be read; there is no imsidecar here to check it")];

        return Of(file, said.Code, said.Error);
    }

    /// <summary>What the sidecar's check says of the file.</summary>
    internal static IEnumerable<Finding> Of(string file, int code, string error)
    {
        if (code == Tool.Late)
            return [Finding.Warn(
                Check, $"{file} can be read, but imsidecar does not end with checking it",
                $"imsidecar --check-config --config {file}: does a file that it names lie on a disk that hangs?")];

        var lines = error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var found = lines.Select(line => line.Contains(Warning, StringComparison.Ordinal)
            ? Finding.Warn(Check, Sentence(line), "if that is not what you want, change it")
            : Finding.Fail(Check, Sentence(line), $"mend {file}, then: systemctl restart imsidecar"));
        return code == 0 ? found.Prepend(Finding.Ok(Check, $"{file} is well")) : found;
    }

    private static string Sentence(string line) =>
        line.Replace("imsidecar: ", "", StringComparison.Ordinal).Replace(Warning, "", StringComparison.Ordinal);
}
