using System.Runtime.InteropServices;

namespace ImSidecar.Cli.Doctor;

/// <summary>Somebody keeps the clock: certificates and deferred messages depend on it.</summary>
internal static class ClockCheck
{
    private const string Check = "clock";
    private const int Failure = -1;
    private const int Unsynchronised = 5;

    // struct timex is 208 bytes where we run; all zero asks only.
    private const int SizeOfTimex = 512;

    public static Finding Run()
    {
        var timex = new byte[SizeOfTimex];
        var state = Adjust(timex);
        if (state == Failure)
            return Finding.Ok(Check, "The kernel does not say here whether the clock is kept");

        return state != Unsynchronised || File.Exists("/run/systemd/timesync/synchronized")
            ? Finding.Ok(Check, "It is kept by NTP; that of Kamailio is not known here")
            : Finding.Warn(
                Check, "Nobody keeps the clock of this machine",
                "apt-get install systemd-timesyncd, or chrony; the same for Kamailio; in a container: on its host");
    }

    [DllImport("libc", EntryPoint = "adjtimex", SetLastError = true)]
    private static extern int Adjust(byte[] timex);
}
