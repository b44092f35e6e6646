using System.Diagnostics;
using System.Security.Cryptography;
using ImSidecar.EndToEnd.Tests.Harness;

namespace ImSidecar.EndToEnd.Tests.Integration;

/// <summary>The kamailio.cfg of Debian's package, with the steps of README applied to it.</summary>
internal static class StockConfiguration
{
    private const string Installed = "/etc/kamailio/kamailio.cfg";

    /// <summary>Skips the test where that file is not the package's own any more.</summary>
    public static async Task<string> PatchedAsync()
    {
        var files = await RunAsync("dpkg-query", "-W", "-f=${Conffiles}", "kamailio");
        var shipped = files.Split('\n').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .FirstOrDefault(words => words is [Installed, ..])?[1];
        Assert.SkipWhen(!File.Exists(Installed) || shipped is null, $"there is no {Installed} of Debian's package");
        Assert.SkipWhen(Sum(Installed) != shipped, $"{Installed} of this machine was changed");

        // It reads what it is to patch, and writes the result to its output.
        return await RunAsync(
            "patch", "--quiet", "--fuzz=0", "--output=-", Installed, Example.PathOf("stock-debian.patch"));
    }

#pragma warning disable CA5351 // dpkg's own sums
    private static string Sum(string file) => Convert.ToHexStringLower(MD5.HashData(File.ReadAllBytes(file)));
#pragma warning restore CA5351

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"{program}: {output[..Math.Min(500, output.Length)]} {await error}");
        return output;
    }
}
