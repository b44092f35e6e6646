using ImSidecar.Msrp;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Xdm.Embedded.Identity;

/// <summary>Who asks: whom a trusted proxy asserts, else whom HTTP Digest proves; never somebody unknown.</summary>
internal sealed class CallerIdentity
{
    private readonly Derived<XcapServerOptions, AssertedIdentity> _asserted;
    private readonly DigestAuthentication? _digest;

    public CallerIdentity(IOptions<XcapServerOptions> section, TimeProvider time, ILogger<CallerIdentity> logger)
    {
        var options = section.Value;
        _asserted = new(section, now => new(now.IdentityHeader, now.TrustedProxies));
        if (options.DigestFile.Length > 0)
            _digest = new(new(
                new(options.DigestFile, options.Realm, time, logger),
                options.Realm,
                new(options.NonceLifetime, time),
                new(options.MaxFailures, time)));
    }

    /// <summary>The caller, or the answer that refuses him.</summary>
    public (XcapCaller? Caller, XcapAnswer? Refusal) Of(HttpContext http, string target)
    {
        var peer = http.Connection.RemoteIpAddress;
        var headers = http.Request.Headers;
        if (!_asserted.Value.TryRead(peer, headers, out var caller))
            return (null, XcapAnswer.Of(StatusCodes.Status400BadRequest, "It is not clear who is asserted"));

        if (caller is not null)
            return (caller, null);

        var authorization = headers.Authorization.Count == 1 ? headers.Authorization.ToString() : null;
        return _digest?.Check(http.Request.Method, target, authorization, peer)
            ?? (null, XcapAnswer.Of(StatusCodes.Status401Unauthorized, "No trusted proxy asserts who asks"));
    }
}
