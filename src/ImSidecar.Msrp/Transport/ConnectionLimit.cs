using Microsoft.AspNetCore.Connections;

namespace ImSidecar.Msrp.Transport;

/// <summary>Bounds the connections of a listener before their handshake, which is what costs.</summary>
internal sealed class ConnectionLimit(int most)
{
    private int _count;

    public ConnectionDelegate Before(ConnectionDelegate next) => async connection =>
    {
        try
        {
            if (Interlocked.Increment(ref _count) <= most)
                await next(connection).ConfigureAwait(false);
            else
                connection.Abort();
        }
        finally
        {
            Interlocked.Decrement(ref _count);
        }
    };
}
