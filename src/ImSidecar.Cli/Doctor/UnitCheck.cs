namespace ImSidecar.Cli.Doctor;

/// <summary>Where systemd runs: the units that should be active are.</summary>
internal static class UnitCheck
{
    public static async Task<IReadOnlyList<Finding>> RunAsync(Installation it, CancellationToken cancellation)
    {
        if (!Directory.Exists("/run/systemd/system"))
            return [];

        List<Finding> found = [];
        string[] plane = it.OwnPlane ? ["imsidecar-msrp-relay"] : [];
        foreach (var unit in (string[])["imsidecar", .. plane, "kamailio"])
        {
            if (await Tool.RunAsync("systemctl", ["show", unit, "--property=LoadState,ActiveState"], cancellation)
                is not { Code: 0 } said || said.Output.Contains("LoadState=not-found", StringComparison.Ordinal))
                continue;

            found.Add(said.Output.Contains("ActiveState=active", StringComparison.Ordinal)
                ? Finding.Ok("units", $"{unit} is active")
                : Finding.Fail(
                    "units", $"{unit} is not active", $"systemctl status {unit}; systemctl enable --now {unit}"));
        }

        return found;
    }
}
