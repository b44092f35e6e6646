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

    public async Task AcceptAsync(HttpContext http)
    {
        var refusal = !http.WebSockets.IsWebSocketRequest ? StatusCodes.Status400BadRequest
            : !http.WebSockets.WebSocketRequestedProtocols.Contains(Subprotocol) ? StatusCodes.Status400BadRequest
            : !MayComeFrom(http.Request.Headers.Origin.ToString()) ? StatusCodes.Status403Forbidden
            : 0;
        if (refusal != 0)
        {
            http.Response.StatusCode = refusal;
            await http.Response.WriteAsync(refusal == StatusCodes.Status403Forbidden
                ? "Origin not allowed\n" : "WebSocket with subprotocol msrp required\n").ConfigureAwait(false);
            return;
        }

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

    // Programs that are no browsers name no origin.
    private bool MayComeFrom(string origin) => origin.Length == 0 || _options.AllowedOrigins.Count == 0
        || _options.AllowedOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase);
}
