using System.Net;
using System.Net.Sockets;

namespace ImSidecar.Msrp.Tests.Transport;

/// <summary>
/// A port for who is told it now and opens it later. The system would give its own free ones to the next connection,
/// so these lie below, and each is given once.
/// </summary>
internal static class FreePort
{
    private const int First = 12_000;
    private const int Last = 32_000;

    // Another suite may run beside this one.
    private static int _given = Random.Shared.Next(Last - First);

    public static int Next()
    {
        while (true)
        {
            var port = First + (Interlocked.Increment(ref _given) % (Last - First));
            try
            {
                using var probe = new TcpListener(IPAddress.Loopback, port);
                probe.Start();
                return port;
            }
            catch (SocketException error) when (error.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
            }
        }
    }
}
