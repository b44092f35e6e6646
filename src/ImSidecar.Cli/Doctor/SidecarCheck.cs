using System.Reflection;

namespace ImSidecar.Cli.Doctor;

/// <summary>The sidecar answers, a Kamailio is attached, and all three are of one release.</summary>
internal static class SidecarCheck
{
    private const string Same = "install the same release of both";

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
                .. await ModuleAsync(cancellation),
            ];

        List<Finding> found = [Finding.Ok("sidecar", $"{status.Version}, node {status.Node}, answers at {it.Socket}")];
        if (status.Version != OwnVersion)
            found.Add(Finding.Fail("versions", $"imsidecarctl is {OwnVersion}, imsidecar {status.Version}", Same));
        if (status.Draining)
            found.Add(Finding.Warn("sidecar", "It is draining: new sessions are refused", "imsidecarctl drain --off"));
        if (!status.Recovered)
            found.Add(Finding.Fail("sidecar", "What is stored is not resumed yet", "wait; the log says how far it is"));

        if (status.Kamailio is not { } kamailio)
            return [.. found, .. await ModuleAsync(cancellation)];

        if (kamailio.ModuleVersion.Length == 0)
            found.Add(Finding.Warn("versions", "im_sidecar.so is too old to say its version", Same));
        else if (kamailio.ModuleVersion != status.Version)
            found.Add(Finding.Fail(
                "versions", $"im_sidecar.so is {kamailio.ModuleVersion}, imsidecar {status.Version}",
                Same + ", and restart Kamailio"));
        found.Add(kamailio.Serving
            ? Finding.Ok("kamailio", $"{kamailio.Instance} ({kamailio.Version}) is attached and served")
            : Finding.Warn("kamailio", $"{kamailio.Instance} is attached, not served yet", "ask again in a moment"));
        return found;
    }

    /// <summary>Nobody is attached: what Kamailio itself says of that.</summary>
    private static async Task<IReadOnlyList<Finding>> ModuleAsync(CancellationToken cancellation)
    {
        const string check = "kamailio";
        if (await Tool.RunAsync("kamcmd", ["im_sidecar.status"], cancellation) is not { } said)
            return [Finding.Fail(
                check, "No Kamailio is attached, and there is no kamcmd to ask one here",
                "on the machine of Kamailio: kamcmd im_sidecar.status")];

        if (said.Output.Contains("target:", StringComparison.Ordinal))
        {
            var target = said.Output.Split('\n').First(line => line.Contains("target:", StringComparison.Ordinal));
            return [Finding.Fail(
                check, $"im_sidecar.so is loaded and finds no sidecar at its {target.Trim()}",
                "its modparam \"target\" and Gateway:Socket (or Gateway:Listen) must be the same; is Kamailio's user"
                    + " in the group of the socket?")];
        }

        var text = said.Output + said.Error;
        return [text.Contains("not found", StringComparison.Ordinal)
            ? Finding.Fail(
                check, "Kamailio runs without im_sidecar.so",
                "loadmodule \"im_sidecar.so\" in kamailio.cfg, and restart it")
            : Finding.Fail(
                check, "No Kamailio is attached, and none answers kamcmd here",
                "systemctl status kamailio; loadmodule \"ctl.so\" lets kamcmd ask it")];
    }
}
