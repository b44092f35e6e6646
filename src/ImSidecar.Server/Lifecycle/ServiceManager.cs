using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace ImSidecar.Server.Lifecycle;

/// <summary>
/// What systemd is told, sd_notify(3), when it has started the process: a datagram to the socket that it names, a path
/// or an abstract name. Elsewhere nobody is told anything.
/// </summary>
internal sealed class ServiceManager : IDisposable
{
    private readonly Socket? _socket;
    private readonly UnixDomainSocketEndPoint? _address;

    public ServiceManager(Func<string, string?> environment)
    {
        WatchdogInterval = Interval(environment("WATCHDOG_USEC"), environment("WATCHDOG_PID"));
        if (environment("NOTIFY_SOCKET") is not { Length: > 1 } name || name[0] is not ('/' or '@'))
            return;

        _address = new(name[0] == '@' ? '\0' + name[1..] : name);
        _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    }

    public bool IsThere => _socket is not null;

    /// <summary>How often the process has to show that it works; null: it need not.</summary>
    public TimeSpan? WatchdogInterval { get; }

    public void Ready() => Send("READY=1");

    public void Reloading() => Send("RELOADING=1\nMONOTONIC_USEC=" + Microseconds());

    public void Stopping() => Send("STOPPING=1\nSTATUS=Stops");

    public void Works() => Send("WATCHDOG=1");

    public void Status(string text) => Send("STATUS=" + text);

    public void Dispose() => _socket?.Dispose();

    // Half of the time after which it counts as dead.
    private static TimeSpan? Interval(string? microseconds, string? process) =>
        long.TryParse(microseconds, CultureInfo.InvariantCulture, out var time) && time > 0
        && (process is null || process == Environment.ProcessId.ToString(CultureInfo.InvariantCulture))
            ? TimeSpan.FromMicroseconds(time / 2)
            : null;

    private static string Microseconds() => (Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000))
        .ToString(CultureInfo.InvariantCulture);

    private void Send(string message)
    {
        try
        {
            _socket?.SendTo(Encoding.UTF8.GetBytes(message), _address!);
        }
        catch (SocketException)
        {
            // Nobody listens there any more: that is not for us to mend, and no reason to stop.
        }
    }
}
