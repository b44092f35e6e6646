using ImSidecar.EndToEnd.Tests.Harness;

namespace ImSidecar.EndToEnd.Tests.Flows.Participating;

/// <summary>A registrar that we did not write: Kamailio with its modules pua_reginfo and presence_reginfo.</summary>
internal sealed class KamailioRegistrar : IAsyncDisposable
{
    private const string EmptyTables = "/usr/share/kamailio/dbtext/kamailio";

    private readonly string _folder = Directory.CreateTempSubdirectory("imsidecar-registrar.").FullName;
    private readonly OwnedProcess _kamailio;

    /// <summary>It need not be ready: handsets ask again.</summary>
    public KamailioRegistrar()
    {
        foreach (var table in (string[])["pua", "version"])
            File.Copy(Path.Combine(EmptyTables, table), Path.Combine(_folder, table));
        _kamailio = OwnedProcess.Start(
            "kamailio", _folder, "kamailio", "-DD", "-E", "-m", "64", "-M", "16",
            "-Y", _folder, "-P", Path.Combine(_folder, "pid"), "-A", $"DB_FOLDER=\"text://{_folder}\"",
            "-f", Path.Combine(
                Built.Root, "tests", "ImSidecar.EndToEnd.Tests", "Flows", "Participating", "registrar.cfg"));
    }

    public async ValueTask DisposeAsync()
    {
        _kamailio.ThrowIfExited();
        await _kamailio.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
