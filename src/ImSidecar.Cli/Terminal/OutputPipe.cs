using System.Runtime.InteropServices;

namespace ImSidecar.Cli.Terminal;

/// <summary>Whether anybody reads our output: the platform writes into a closed pipe without a word.</summary>
internal static class OutputPipe
{
    private const int StandardOutput = 1;
    private const short Error = 8;
    private const short HungUp = 16;

    public static bool IsRead() => IsRead(StandardOutput);

    /// <summary>Of a terminal and a file always.</summary>
    public static bool IsRead(int descriptor)
    {
        var asked = new PollDescriptor { Descriptor = descriptor };
        return OperatingSystem.IsWindows()
            || Poll(ref asked, 1, 0) <= 0
            || (asked.Happened & (Error | HungUp)) == 0;
    }

    [DllImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static extern int Poll(ref PollDescriptor descriptors, nuint count, int milliseconds);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        public int Descriptor;
        public short Wanted;
        public short Happened;
    }
}
