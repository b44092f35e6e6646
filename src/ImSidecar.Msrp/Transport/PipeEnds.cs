using System.IO.Pipelines;

namespace ImSidecar.Msrp.Transport;

/// <summary>Wakes who waits for a pipe. Pipes over streams, as TLS has them, complain when they are over already.</summary>
internal static class PipeEnds
{
    public static void WakeReader(this PipeReader input)
    {
        try
        {
            input.CancelPendingRead();
        }
        catch (ObjectDisposedException)
        {
            // Nobody waits any more.
        }
    }

    public static void WakeWriter(this PipeWriter output)
    {
        try
        {
            output.CancelPendingFlush();
        }
        catch (ObjectDisposedException)
        {
            // Nobody waits any more.
        }
    }
}
