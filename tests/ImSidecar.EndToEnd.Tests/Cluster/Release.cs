using ImSidecar.EndToEnd.Tests.Harness;

namespace ImSidecar.EndToEnd.Tests.Cluster;

/// <summary>The programs of one release, and the configurations that come with them.</summary>
internal sealed record Release(string Name, string Sidecar, string SidecarConfiguration, string Module, string KamailioConfiguration)
{
    public static Release This { get; } = new(
        "this", Built.Sidecar, Built.SidecarConfiguration, Built.Module, Built.KamailioConfiguration);

    /// <summary>The one before; null: its commit is not in this clone (packaging/demo/previous.sh).</summary>
    public static Release? Previous { get; } = FindPrevious();

    private static Release? FindPrevious()
    {
        var folder = Built.Previous;
        if (!File.Exists(Path.Combine(folder, "built")))
            return null;

        var output = Path.GetRelativePath(Built.Root, Built.Sidecar);
        return new(
            "previous", Path.Combine(folder, output), Moved(Built.SidecarConfiguration),
            Path.Combine(folder, "module", "im_sidecar.so"), Moved(Built.KamailioConfiguration));

        string Moved(string file) => Path.Combine(folder, Path.GetRelativePath(Built.Root, file));
    }
}
