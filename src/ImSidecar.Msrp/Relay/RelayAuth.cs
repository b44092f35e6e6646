using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using ImSidecar.Digest;
using ImSidecar.Protocol.Digest;
using ImSidecar.Protocol.Msrp;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImSidecar.Msrp.Relay;

/// <summary>AUTH, RFC 4976 5.1: who proves himself gets a URI of ours, or keeps the one he has for longer.</summary>
internal sealed class RelayAuth(IOptions<RelayOptions> section, SessionTable sessions, TimeProvider clock, ILogger log)
{
    private readonly DigestVerifier _verifier = new(
        new(section.Value.DigestFile, section.Value.Realm, clock, log),
        section.Value.Realm,
        new(section.Value.NonceLifetime, clock),
        new(section.Value.MaxFailures, clock));

    private RelayOptions Options => section.Value;

    /// <summary>Answers an AUTH that is for us.</summary>
    public void Answer(RelayConnection from, MsrpHead head)
    {
        if (!from.IsSecure && !Options.AllowPlainAuth)
        {
            Refuse(from, head, MsrpStatus.Forbidden, "Forbidden: AUTH needs TLS");
            return;
        }

        var target = Encoding.ASCII.GetString(head.ToPathBytes);
        var authorization = head.Find("Authorization");
        var verdict = _verifier.Check("AUTH", target, authorization, from.PeerAddress, mayOmitUri: true);
        switch (verdict.Result)
        {
            case DigestResult.Good:
                Grant(from, head, verdict, authorization!);
                break;

            case DigestResult.Locked:
                Refuse(from, head, MsrpStatus.Forbidden, "Forbidden: too many wrong passwords");
                break;

            case DigestResult.OtherUri:
                Refuse(from, head, MsrpStatus.BadRequest, "Bad Request: the digest is for another URI");
                break;

            default:
                var challenges = _verifier.Challenges(verdict.Result == DigestResult.Stale);
                Write(
                    from, head, MsrpStatus.Unauthorized, null,
                    [.. challenges.Select(each => ("WWW-Authenticate", each))]);
                break;
        }
    }

    private void Grant(RelayConnection from, MsrpHead head, DigestVerdict verdict, string authorization)
    {
        if (!TryReadExpires(head, out var expires))
        {
            Refuse(from, head, MsrpStatus.BadRequest, "Bad Request: Expires is no number");
            return;
        }

        if (expires < Options.MinExpires || expires > Options.MaxExpires)
        {
            var (name, bound) = expires < Options.MinExpires
                ? ("Min-Expires", Options.MinExpires) : ("Max-Expires", Options.MaxExpires);
            Write(from, head, MsrpStatus.ParameterOutOfBounds, "Interval Out-of-Bounds", [(name, Seconds(bound))]);
            return;
        }

        if (Session(from, head, verdict.User!.Identity, out var status, out var comment) is not { } session)
        {
            Refuse(from, head, status, comment);
            return;
        }

        session.ExpiresAt = clock.GetUtcNow() + expires;
        session.Bind(from);
        from.SetUseful();
        Write(from, head, MsrpStatus.Ok, null,
        [
            ("Use-Path", UsePath(head.FromPath, session.Uri)),
            ("Expires", Seconds(expires)),
            ("Authentication-Info", Info(verdict, authorization)),
        ]);
    }

    // A URI that we gave is kept; by any other he reaches us for a new one.
    private RelaySession? Session(
        RelayConnection from, MsrpHead head, string user, out int status, out string? comment)
    {
        (status, comment) = (0, null);
        if (head.ToPath is not [var own] || head.FromPath is not [var inner, ..] fromPath)
        {
            status = MsrpStatus.BadRequest;
            return null;
        }

        if (sessions.Find(own.SessionId) is { } kept)
        {
            if (kept.User == user && kept.IsRelayed == fromPath.Length > 1)
                return kept;

            (status, comment) = (MsrpStatus.Forbidden, "Forbidden: not your session");
            return null;
        }

        if (sessions.TryOpen(from, user, inner, fromPath.Length > 1, out var limit) is { } opened)
            return opened;

        (status, comment) = (MsrpStatus.Forbidden, "Forbidden: " + limit);
        log.SessionRefused(user, limit);
        return null;
    }

    // In the order of the client's To-Path: the relays it came through, then us.
    private static string UsePath(ImmutableArray<MsrpUri> from, MsrpUri own) =>
        string.Join(' ', from.Take(from.Length - 1).Reverse().Append(own));

    private string Info(DigestVerdict verdict, string authorization)
    {
        if (!DigestCredentials.TryParse(authorization, out var credentials))
            return "";

        return $"nextnonce=\"{_verifier.NextNonce()}\", qop=auth, rspauth=\"{verdict.ResponseProof}\", "
            + $"cnonce=\"{Escaped(credentials.ClientNonce)}\", nc={credentials.Count}";
    }

    private static string Escaped(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);

    private bool TryReadExpires(MsrpHead head, out TimeSpan expires)
    {
        expires = Options.DefaultExpires;
        if (head.Find("Expires") is not { } field)
            return true;

        if (field.Length > 9
            || !int.TryParse(field, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
            return false;

        expires = TimeSpan.FromSeconds(seconds);
        return true;
    }

    private static string Seconds(TimeSpan time) =>
        ((int)time.TotalSeconds).ToString(CultureInfo.InvariantCulture);

    private static void Refuse(RelayConnection from, MsrpHead head, int status, string? comment) =>
        Write(from, head, status, comment, []);

    private static void Write(
        RelayConnection from, MsrpHead head, int status, string? comment,
        ImmutableArray<(string Name, string Value)> fields)
    {
        if (status != MsrpStatus.Ok && status != MsrpStatus.Unauthorized)
            RelayMetrics.Refused.Add(1);

        var output = new ArrayBufferWriter<byte>(512);
        MsrpWriter.TryWriteResponse(output, head, status, comment, fields);
        from.Output.Write(output.WrittenSpan);
    }
}
