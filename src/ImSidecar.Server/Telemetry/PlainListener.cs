using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ImSidecar.Server.Telemetry;

/// <summary>
/// What is for monitoring is at Http:Listen only: where browsers come in with TLS there is no such thing.
/// </summary>
internal static class PlainListener
{
    public static RouteHandlerBuilder OnPlainListener(this RouteHandlerBuilder endpoint) =>
        endpoint.AddEndpointFilter(async (context, next) =>
            context.HttpContext.Request.IsHttps ? Results.NotFound() : await next(context));
}
