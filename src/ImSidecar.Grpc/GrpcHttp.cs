using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace ImSidecar.Grpc;

/// <summary>What gRPC asks of the HTTP/2 request and response that carry a call.</summary>
internal static class GrpcHttp
{
    private const string ContentType = "application/grpc";

    public static bool IsGrpc(string? contentType)
    {
        if (contentType is null || !contentType.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase))
            return false;

        // "application/grpc-web" is another protocol; messages other than protobuf are not ours.
        var rest = contentType.AsSpan(ContentType.Length);
        return rest.IsEmpty || rest[0] == ';'
            || (rest.StartsWith("+proto", StringComparison.OrdinalIgnoreCase) && (rest.Length == 6 || rest[6] == ';'));
    }

    /// <summary>Prepares the response; false when the request is no gRPC and has been answered.</summary>
    public static bool TryAccept(HttpContext http)
    {
        if (!HttpProtocol.IsHttp2(http.Request.Protocol))
            return Refuse(http, StatusCodes.Status426UpgradeRequired);

        if (!IsGrpc(http.Request.ContentType))
            return Refuse(http, StatusCodes.Status415UnsupportedMediaType);

        LiftBodyLimits(http.Features);
        http.Response.ContentType = ContentType;
        http.Response.Headers["grpc-accept-encoding"] = "identity";
        return true;
    }

    public static void AppendStatus(HttpResponse response, GrpcStatus status)
    {
        response.AppendTrailer("grpc-status", ((int)status.Code).ToString(CultureInfo.InvariantCulture));
        if (status.Message.Length > 0)
            response.AppendTrailer("grpc-message", GrpcMessageText.Encode(status.Message));
    }

    public static string Peer(HttpContext http) => http.Connection.RemoteIpAddress is { } address
        ? new IPEndPoint(address, http.Connection.RemotePort).ToString()
        : "unix";

    private static bool Refuse(HttpContext http, int code)
    {
        http.Response.StatusCode = code;
        return false;
    }

    // A stream may live for weeks and be silent for hours; its messages are bounded one by one.
    private static void LiftBodyLimits(IFeatureCollection features)
    {
        if (features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = null;

        if (features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
            rate.MinDataRate = null;
    }
}
