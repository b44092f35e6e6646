using System.Diagnostics;
using System.Globalization;
using ImSidecar.EndToEnd.Tests.Harness;

namespace ImSidecar.EndToEnd.Tests.Faults;

/// <summary>
/// The disk under the sidecar's store, seen from outside the product: a library that is preloaded into the process and
/// does what a file says.
/// </summary>
internal sealed class FaultyDisk : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("imsidecar-disk.").FullName;

    public FaultyDisk()
    {
        Well();
        var source = Path.Combine(Built.Root, "tests", "ImSidecar.EndToEnd.Tests", "Faults", "faulty_disk.c");
        using var compiler = Process.Start(
            "cc", ["-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o", Library, source, "-ldl"]);
        compiler.WaitForExit();
        if (compiler.ExitCode != 0)
            throw new InvalidOperationException("faulty_disk.c does not compile");
    }

    /// <summary>For the environment of the sidecar.</summary>
    public IReadOnlyList<string> Environment => [$"LD_PRELOAD={Library}", $"FAULTY_DISK={Control}"];

    private string Library => Path.Combine(_folder, "faulty_disk.so");

    private string Control => Path.Combine(_folder, "disk");

    public void Well() => Set("well");

    /// <summary>Each fsync takes that long.</summary>
    public void Slow(TimeSpan time) =>
        Set(string.Create(CultureInfo.InvariantCulture, $"slow {time.TotalMilliseconds:0}"));

    /// <summary>ENOSPC for every write.</summary>
    public void Full() => Set("full");

    /// <summary>EIO for every write and fsync.</summary>
    public void Broken() => Set("broken");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Set(string what)
    {
        File.WriteAllText(Control + ".new", what);
        File.Move(Control + ".new", Control, overwrite: true);
    }
}
