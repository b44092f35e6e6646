using ImSidecar.Protocol.Xdm;
using Microsoft.AspNetCore.Http;

namespace ImSidecar.Server.Xdm.Embedded;

/// <summary>What is answered to one request.</summary>
internal sealed record XcapAnswer(int Status)
{
    /// <summary>Without quotes.</summary>
    public string? ETag { get; init; }

    public string? ContentType { get; init; }

    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Of a 409: what its body says.</summary>
    public XcapError? Error { get; init; }

    public string? Allow { get; init; }

    /// <summary>Seconds.</summary>
    public int? RetryAfter { get; init; }

    public IReadOnlyList<string> Challenges { get; init; } = [];

    public static XcapAnswer Conflict(XcapError error) => new(StatusCodes.Status409Conflict)
    {
        ContentType = XcapError.MediaType,
        Body = error.Write(),
        Error = error,
    };

    /// <summary>A status with a sentence for whoever reads it.</summary>
    public static XcapAnswer Of(int status, string text) => new(status)
    {
        ContentType = "text/plain; charset=utf-8",
        Body = System.Text.Encoding.UTF8.GetBytes(text + "\n"),
    };

    public static XcapAnswer NotFound { get; } = Of(StatusCodes.Status404NotFound, "There is no such resource");

    public static XcapAnswer NotAllowed(string methods) =>
        Of(StatusCodes.Status405MethodNotAllowed, "Allowed: " + methods) with { Allow = methods };

    public static XcapAnswer Unavailable(int seconds) =>
        Of(StatusCodes.Status503ServiceUnavailable, "Try again later") with { RetryAfter = seconds };

    public async Task WriteAsync(HttpContext http)
    {
        var response = http.Response;
        response.StatusCode = Status;
        response.Headers.CacheControl = "private, no-cache";
        if (ETag is not null)
            response.Headers.ETag = $"\"{ETag}\"";
        if (Allow is not null)
            response.Headers.Allow = Allow;
        if (RetryAfter is { } seconds)
            response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (Challenges.Count > 0)
            response.Headers.WWWAuthenticate = Challenges.ToArray();
        if (Status == StatusCodes.Status304NotModified)
            return;

        response.ContentLength = Body.Length;
        if (ContentType is not null)
        {
            response.ContentType = ContentType;
            response.Headers.XContentTypeOptions = "nosniff";
        }

        if (!HttpMethods.IsHead(http.Request.Method))
            await response.Body.WriteAsync(Body, http.RequestAborted);
    }
}
