namespace ImSidecar.EndToEnd.Tests.Harness;

/// <summary>Where the programs under test and their configuration are; the environment may say otherwise.</summary>
internal static class Built
{
    /// <summary>IMSIDECAR_MODULE, else the module in the build folder (IMSIDECAR_BUILD, else .build).</summary>
    public static string Module => Existing(
        Environment.GetEnvironmentVariable("IMSIDECAR_MODULE")
            ?? Path.Combine(BuildFolder(), "module", "im_sidecar.so"),
        "the Kamailio module is not built; run 'make build'");

    /// <summary>IMSIDECAR_SIDECAR, else the server's output of the configuration that these tests have.</summary>
    public static string Sidecar => Existing(
        Environment.GetEnvironmentVariable("IMSIDECAR_SIDECAR") ?? OutputOf("ImSidecar.Server", "imsidecar.dll"),
        "the sidecar is not built; run 'make build'");

    /// <summary>imsidecarctl, of the configuration that these tests have.</summary>
    public static string ControlTool =>
        Existing(OutputOf("ImSidecar.Cli", "imsidecarctl.dll"), "imsidecarctl is not built; run 'make build'");

    /// <summary>imclient, of the configuration that these tests have.</summary>
    public static string Client =>
        Existing(OutputOf("ImSidecar.Client", "imclient.dll"), "imclient is not built; run 'make build'");

    /// <summary>IMSIDECAR_KAMAILIO_PRELOAD: a library that Kamailio is started with, libasan for a sanitized module.</summary>
    public static string? KamailioPreload => Environment.GetEnvironmentVariable("IMSIDECAR_KAMAILIO_PRELOAD");

    /// <summary>Where packaging/demo/previous.sh puts the release before this one.</summary>
    public static string Previous => Path.Combine(
        BuildFolder(), "previous",
        File.ReadAllText(Path.Combine(Root, "packaging", "demo", "previous-release")).Trim());

    public static string SidecarConfiguration => Path.Combine(Root, "packaging", "config", "demo.json");

    public static string KamailioConfiguration => Path.Combine(Root, "kamailio", "demo", "kamailio.cfg");

    public static string Root { get; } = Path.GetFullPath(Path.Combine(Protocol.Tests.Vectors.Root, "..", ".."));

    private static string BuildFolder() =>
        Environment.GetEnvironmentVariable("IMSIDECAR_BUILD") ?? Path.Combine(Root, ".build");

    private static string OutputOf(string project, string file)
    {
        var framework = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(Root, "src", project, "bin", framework.Parent!.Name, framework.Name, file);
    }

    private static string Existing(string path, string otherwise) =>
        File.Exists(path)
            ? Path.GetFullPath(path)
            : throw new FileNotFoundException($"{otherwise} ({path} is missing).");
}
