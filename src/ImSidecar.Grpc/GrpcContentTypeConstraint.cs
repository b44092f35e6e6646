using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ImSidecar.Grpc;

/// <summary>Keeps the endpoint for unknown methods away from requests that are not gRPC.</summary>
internal sealed class GrpcContentTypeConstraint : IRouteConstraint
{
    public bool Match(
        HttpContext? httpContext,
        IRouter? route,
        string routeKey,
        RouteValueDictionary values,
        RouteDirection routeDirection) => GrpcHttp.IsGrpc(httpContext?.Request.ContentType);
}
