using System.Reflection;

namespace ImSidecar.Cli.Doctor;

/// <summary>The sidecar answers, a Kamailio is attached, and all three are of one release.</summary>
internal static class SidecarCheck
{
    private const string Same =
        "one of them may run since before an upgrade: restart that first; else install the same release of both";

    /// <summary>The version of this tool.</summary>
    public static string OwnVersion => typeof(SidecarCheck).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";

    public static async Task<IReadOnlyList<Finding>> RunAsync(Installation it, CancellationToken cancellation)
    {
        if (it.Status is not { } status)
            return
            [
                Finding.Fail(
                    "sidecar", it.Silence,
                    "systemctl status imsidecar, journalctl -u imsidecar; --socket names another Admin:Socket"),
                .. await ModuleAsync(isSilent: true, cancellation),
            ];

        List<Finding> found = [Finding.Ok("sidecar", $"{status.Version}, node {status.Node}, answers at {it.Socket}")];
        if (status.Version != OwnVersion)
            found.Add(Finding.Fail("versions", $"imsidecarctl is {OwnVersion}, imsidecar {status.Version}", Same));
        if (status.Draining)
            found.Add(Finding.Warn("sidecar", "It is draining: new sessions are refused", "imsidecarctl drain --off"));
        if (!status.Recovered)
            found.Add(Finding.Fail("sidecar", "What is stored is not resumed yet", "wait; the log says how far it is"));

        if (status.Kamailio is not { } kamailio)
            return [.. found, .. await ModuleAsync(isSilent: false, cancellation)];

        if (kamailio.ModuleVersion.Length == 0)
            found.Add(Finding.Warn("versions", "im_sidecar.so is too old to say its version", Same));
        else if (kamailio.ModuleVersion != status.Version)
            found.Add(Finding.Fail(
                "versions", $"im_sidecar.so is {kamailio.ModuleVersion}, imsidecar {status.Version}",
                Same + " (Kamailio is restarted for a new module)"));
        found.Add(kamailio.Serving
            ? Finding.Ok("kamailio", $"{kamailio.Instance} ({kamailio.Version}) is attached and served")
            : Finding.Warn("kamailio", $"{kamailio.Instance} is attached, not served yet", "ask again in a moment"));
        return found;
    }

    /// <summary>Nobody is attached: what Kamailio itself says of that.</summary>
    private static async Task<IReadOnlyList<Finding>> ModuleAsync(bool isSilent, CancellationToken cancellation)
    {
        const string check = "kamailio";
        if (await Tool.RunAsync("kamcmd", ["im_sidecar.status"], cancellation) is not { } said)
            return [Finding.Fail(
                check, "No Kamailio is attached, and there is no kamcmd to ask one here",
                "on the machine of Kamailio: kamcmd im_sidecar.status")];

        if (OfModule(said.Output, isSilent) is { } loaded)
            return [loaded];

        var text = said.Output + said.Error;
        return [text.Contains("not found", StringComparison.Ordinal)
            ? Finding.Fail(
                check, "Kamailio runs without im_sidecar.so",
                "loadmodule \"im_sidecar.so\" in kamailio.cfg, and restart it")
            : Finding.Fail(
                check, "No Kamailio is attached, and none answers kamcmd here",
                "systemctl status kamailio; loadmodule \"ctl.so\" lets kamcmd ask it")];
    }

    /// <summary>Null: these are not the words of im_sidecar.status.</summary>
    internal static Finding? OfModule(string status, bool isSilent)
    {
        const string check = "kamailio";
        var lines = status.Split('\n', StringSplitOptions.TrimEntries);
        if (lines.FirstOrDefault(line => line.StartsWith("target:", StringComparison.Ordinal)) is not { } target)
            return null;

        if (!lines.Contains("attached: 1"))
            return Finding.Fail(
                check, $"im_sidecar.so is loaded and finds no sidecar at its {target}",
                "its modparam \"target\" and Gateway:Socket (or Gateway:Listen) must be the same; is Kamailio's user"
                    + " in the group of the socket?");

        return isSilent
            ? Finding.Warn(
                check, $"im_sidecar.so is attached to a sidecar at its {target}, which does not answer here",
                "--socket must name the Admin:Socket of that one")
            : Finding.Fail(
                check, $"im_sidecar.so is attached to another sidecar than this one, at its {target}",
                "its modparam \"target\" and Gateway:Socket (or Gateway:Listen) must be the same");
    }
}
