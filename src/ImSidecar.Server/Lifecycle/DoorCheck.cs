using System.Net;
using System.Net.Sockets;

namespace ImSidecar.Server.Lifecycle;

/// <summary>Looks before the start whether every door can be opened: what the server itself says names no key.</summary>
internal static class DoorCheck
{
    /// <summary>Two keys that name the same door.</summary>
    public static IEnumerable<string> Conflicts(IReadOnlyList<Door> doors)
    {
        for (var i = 0; i < doors.Count; i++)
        {
            foreach (var other in doors.Take(i).Where(other => Overlap(doors[i].EndPoint, other.EndPoint)))
                yield return $"{doors[i]} is where {other.Key} listens already";
        }
    }

    /// <summary>Each door is opened for a moment; what keeps it shut.</summary>
    public static IEnumerable<string> Complaints(IEnumerable<Door> doors) =>
        doors.Select(door => Complaint(door) is { } reason ? $"{door} {reason}" : null).OfType<string>();

    private static string? Complaint(Door door) =>
        door.EndPoint is UnixDomainSocketEndPoint ? OfSocketFile(door.EndPoint.ToString()!) : OfPort((IPEndPoint)door.EndPoint);

    private static string? OfPort(IPEndPoint endPoint)
    {
        try
        {
            // Fails where IPv6 is switched off.
            using var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            if (endPoint.Address.Equals(IPAddress.IPv6Any))
                socket.DualMode = true;
            socket.Bind(endPoint);
            return null;
        }
        catch (SocketException error)
        {
            return error.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => "is in use by another process",
                SocketError.AddressNotAvailable => "is no address of this machine",
                SocketError.AddressFamilyNotSupported => "cannot be opened: no such addresses here (IPv6 off?)",
                SocketError.AccessDenied => "may not be opened by this user: below 1024 it needs CAP_NET_BIND_SERVICE",
                _ => "cannot be opened: " + error.Message,
            };
        }
    }

    private static string? OfSocketFile(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(folder))
            return $"cannot be made: there is no folder {folder}";
        if (Directory.Exists(path))
            return "is a folder, not a socket";

        var file = new FileInfo(path);
        if (file.Exists)
            return file.Length > 0 ? "is a file, not a socket" : OfSocketThatIsThere(path);

        using var socket = NewSocket();
        try
        {
            // The file goes with the socket.
            socket.Bind(new UnixDomainSocketEndPoint(path));
            return null;
        }
        catch (SocketException error)
        {
            return error.SocketErrorCode == SocketError.AccessDenied
                ? $"cannot be made: this user may not write to {folder}"
                : "cannot be made: " + error.Message;
        }
    }

    // One that nobody listens on is taken away when the server starts.
    private static string? OfSocketThatIsThere(string path)
    {
        using var socket = NewSocket();
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return "is in use: another sidecar listens there";
        }
        catch (SocketException error)
        {
            return error.SocketErrorCode switch
            {
                SocketError.ConnectionRefused => null,
                SocketError.AccessDenied => "is a socket of another user",
                _ => "cannot be taken over: " + error.Message,
            };
        }
    }

    private static Socket NewSocket() => new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    private static bool Overlap(EndPoint one, EndPoint other) =>
        one is IPEndPoint { Port: > 0 } here && other is IPEndPoint there
            ? here.Port == there.Port && (here.Address.Equals(there.Address) || IsAny(here) || IsAny(there))
            : one is UnixDomainSocketEndPoint && one.Equals(other);

    private static bool IsAny(IPEndPoint endPoint) =>
        endPoint.Address.Equals(IPAddress.Any) || endPoint.Address.Equals(IPAddress.IPv6Any);
}
