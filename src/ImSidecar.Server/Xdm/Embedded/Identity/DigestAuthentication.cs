using System.Net;
using ImSidecar.Digest;
using Microsoft.AspNetCore.Http;

namespace ImSidecar.Server.Xdm.Embedded.Identity;

/// <summary>HTTP Digest, RFC 7616: who asks, or the answer that refuses him.</summary>
internal sealed class DigestAuthentication(DigestVerifier verifier)
{
    public const int MinutePause = 60;

    public (XcapCaller? Caller, XcapAnswer? Refusal) Check(
        string method, string target, string? authorization, IPAddress? peer)
    {
        var verdict = verifier.Check(method, target, authorization, peer);
        return verdict.Result switch
        {
            DigestResult.Good => (new(verdict.User!.Identity), null),
            DigestResult.Locked => (null, XcapAnswer.Of(
                StatusCodes.Status429TooManyRequests, "Too many wrong passwords") with
            {
                RetryAfter = MinutePause,
            }),
            DigestResult.OtherUri => (null, XcapAnswer.Of(
                StatusCodes.Status400BadRequest, "The digest is for another URI")),
            _ => (null, Challenge(isStale: verdict.Result == DigestResult.Stale)),
        };
    }

    private XcapAnswer Challenge(bool isStale) =>
        XcapAnswer.Of(StatusCodes.Status401Unauthorized, "Who asks?") with
        {
            Challenges = [.. verifier.Challenges(isStale)],
        };
}
