using System.Diagnostics;
using System.Globalization;

namespace ImSidecar.EndToEnd.Tests.Harness;

/// <summary>Makes a sidecar that dies of itself between saving and sending: a library that counts its writes.</summary>
internal sealed class MortalSidecar(string folder)
{
    private string Library => Path.Combine(folder, "die-at-save.so");

    private string Countdown => Path.Combine(folder, "die-at-save");

    /// <summary>What env puts before the program.</summary>
    public IEnumerable<string> Environment => [$"LD_PRELOAD={Library}", $"IMSIDECAR_DIE_FILE={Countdown}"];

    public async Task BuildAsync()
    {
        if (File.Exists(Library))
            return;

        var source = Path.Combine(Built.Root, "tests", "ImSidecar.EndToEnd.Tests", "Harness", "DieAtSave.c");
        using var compiler = Process.Start("cc", ["-shared", "-fPIC", "-O2", "-o", Library, source, "-ldl"]);
        await compiler.WaitForExitAsync();
        Assert.Equal(0, compiler.ExitCode);
    }

    /// <summary>The process ends when the n-th write from now on is on the disk; 0: it lives.</summary>
    public void DiesAtSave(int number)
    {
        if (number == 0)
            File.Delete(Countdown);
        else
            File.WriteAllText(Countdown, number.ToString(CultureInfo.InvariantCulture));
    }
}
