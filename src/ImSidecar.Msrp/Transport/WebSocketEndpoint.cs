using System.Buffers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ImSidecar.Msrp.Transport;

/// <summary>Where browsers come in, RFC 7977 4: each WebSocket is one more connection.</summary>
internal sealed class WebSocketEndpoint(
    FrontDoor door, IOptions<MsrpWebSocketOptions> options, IMemoryPoolFactory<byte> pools,
    IHostApplicationLifetime lifetime)
{
    private const string Subprotocol = "msrp";

    private readonly MsrpWebSocketOptions _options = options.Value;
    private readonly MemoryPool<byte> _pool = pools.Create();
    private int _count;

    public async Task AcceptAsync(HttpContext http)
    {
        var (status, reason) = RefusalOf(http);
        if (status != 0)
        {
            await RefuseAsync(http, status, reason).ConfigureAwait(false);
            return;
        }

        try
        {
            if (Interlocked.Increment(ref _count) > _options.MaxConnections)
                await RefuseAsync(http, StatusCodes.Status503ServiceUnavailable, "Too many connections")
                    .ConfigureAwait(false);
            else
                await RunAsync(http).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _count);
        }
    }

    private async Task RunAsync(HttpContext http)
    {
        using var socket = await http.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
        {
            SubProtocol = Subprotocol,
            KeepAliveInterval = _options.KeepAliveInterval,
            KeepAliveTimeout = _options.KeepAliveTimeout,
        }).ConfigureAwait(false);
        var connection = new WebSocketConnection(
            socket, http, _pool, _options.MaxMessageBytes, lifetime.ApplicationStopping);
        await using (connection.ConfigureAwait(false))
            await connection.RunAsync(door.ServeAsync).ConfigureAwait(false);
    }

    private (int Status, string Reason) RefusalOf(HttpContext http) =>
        !http.WebSockets.IsWebSocketRequest || !http.WebSockets.WebSocketRequestedProtocols.Contains(Subprotocol)
            ? (StatusCodes.Status400BadRequest, "WebSocket with subprotocol msrp required")
            : !MayComeFrom(http.Request.Headers.Origin.ToString())
                ? (StatusCodes.Status403Forbidden, "Origin not allowed")
                : default;

    private static Task RefuseAsync(HttpContext http, int status, string reason)
    {
        http.Response.StatusCode = status;
        return http.Response.WriteAsync(reason + "\n");
    }

    // Programs that are no browsers name no origin.
    private bool MayComeFrom(string origin) => origin.Length == 0 || _options.AllowedOrigins.Count == 0
        || _options.AllowedOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase);
}
