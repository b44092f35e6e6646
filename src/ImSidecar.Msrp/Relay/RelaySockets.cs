using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace ImSidecar.Msrp.Relay;

/// <summary>
/// How the sockets that the relay accepts are run. What reads and writes them never blocks, so it runs where the bytes
/// arrive, which saves a change of thread each time. A chunk of 64 KiB and more fits in before a writer has to wait.
/// </summary>
internal static class RelaySockets
{
    private const int WriteBuffer = 256 * 1024;

    public static SocketTransportOptions Inbound(SocketTransportOptions options)
    {
        options.UnsafePreferInlineScheduling = true;
        options.MaxWriteBufferSize = WriteBuffer;
        return options;
    }
}
