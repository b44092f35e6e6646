using System.Collections.Immutable;
using System.Text;
using ImSidecar.Protocol.Msrp;
using Microsoft.Extensions.Options;

namespace ImSidecar.Msrp.Relay;

/// <summary>Decides where a frame goes that is not for us alone, RFC 4976 6: by the session in its To-Path.</summary>
internal sealed class RelayRouter(IOptions<RelayOptions> section, SessionTable sessions, RelayTargets targets)
{
    /// <summary>The answer for a frame that goes nowhere.</summary>
    public readonly record struct Refusal(int Status, string? Comment = null);

    public RelayRoute? Find(RelayConnection from, MsrpHead head, out Refusal refusal)
    {
        var toPath = head.ToPath;
        var fromPath = head.FromPath;
        if (toPath.IsEmpty || fromPath.IsEmpty)
            return Refused(MsrpStatus.BadRequest, "not a path", out refusal);

        var passed = new List<RelaySession>(2);
        while (true)
        {
            var own = toPath[passed.Count];
            if (sessions.Find(own.SessionId) is not { } session)
                return Refused(MsrpStatus.NoSuchSession, null, out refusal);

            if (passed.Contains(session) || fromPath.Contains(own))
                return Refused(MsrpStatus.Forbidden, "a loop", out refusal);

            var isInside = passed.Count == 0 && IsInside(session, from, fromPath[0]);
            if (!isInside && !MayReach(session, from, fromPath[0], isFirst: passed.Count == 0))
                return Refused(MsrpStatus.Forbidden, "not your session", out refusal);

            if (!isInside && passed.Count == 0 && session.Uri.IsSecure && !from.IsSecure)
                return Refused(MsrpStatus.Forbidden, "this session needs TLS", out refusal);

            passed.Add(session);
            if (passed.Count == toPath.Length)
                return EndsHere(isInside, head, out refusal);

            // Both ends may have a session here: the next hop is then this relay again.
            var next = toPath[passed.Count];
            if (isInside && section.Value.IsOurs(next))
                continue;

            var isEnd = toPath.Length == passed.Count + 1 && next.SessionId is not null;
            var target = isInside ? Outward(session, next, isEnd, out refusal) : Inward(session, out refusal);
            if (target is null)
                return null;

            if (!isInside && passed.Count == 1 && (from.IsSecure || !fromPath[0].IsSecure))
                session.Remember(fromPath[0], from);

            return new(head, target, Paths(toPath, fromPath, passed.Count), passed);
        }
    }

    // Only an end is reached by a connection that it made itself, for its URI is known to those of its session alone.
    // The URI of another relay is no secret, and whoever says it is not therefore that relay.
    private RelayConnection? Outward(RelaySession session, MsrpUri next, bool isEnd, out Refusal refusal)
    {
        refusal = default;
        if (isEnd && session.Find(next) is { } known)
            return known;

        if (!session.MayHaveAnotherPeer())
        {
            Refused(MsrpStatus.Forbidden, "too many next hops", out refusal);
            return null;
        }

        var target = targets.Get(next, out refusal);
        if (target is not null)
            session.Remember(next, target);

        return target;
    }

    private RelayConnection? Inward(RelaySession session, out Refusal refusal)
    {
        refusal = default;
        if (session.Owner is { } owner && !owner.Output.IsOver)
            return owner;

        // A relay can be connected to, a client cannot.
        if (session.IsRelayed)
            return targets.Get(session.Inner, out refusal);

        refusal = new(MsrpStatus.Timeout, "not connected");
        return null;
    }

    // From the connection on which the client has proved itself, or from the relay that it came through. Others know its
    // URIs too, and may share its address.
    private static bool IsInside(RelaySession session, RelayConnection from, MsrpUri sender) => !session.IsRelayed
        ? session.Owner == from
        : sender == session.Inner
        && (session.Owner == from || from.IsPeer(sender.Host)
            || from.PeerAddress is { } address && address.Equals(session.Address));

    // Whoever knows the session may send to its client, but not in its client's name.
    private bool MayReach(RelaySession session, RelayConnection from, MsrpUri sender, bool isFirst) =>
        !isFirst || sender != session.Inner && (!section.Value.OnlyPeers || from.MaySend);

    private static RelayRoute? EndsHere(bool isInside, MsrpHead head, out Refusal refusal) =>
        !isInside ? Refused(MsrpStatus.Forbidden, "nobody to send to", out refusal)
        : head.Method != MsrpMethod.Send ? Refused(MsrpStatus.NotImplemented, null, out refusal)
        : Refused(head.HasBody ? MsrpStatus.BadRequest : MsrpStatus.Ok, null, out refusal);

    private static RelayRoute? Refused(int status, string? detail, out Refusal refusal)
    {
        refusal = new(status, detail is null ? null : $"{MsrpStatus.Comment(status)}: {detail}");
        return null;
    }

    /// <summary>The paths of an answer that came without the way back: that of its request, and over us.</summary>
    public static byte[] BackPaths(MsrpHead request, MsrpHead answer) =>
    [
        .. "To-Path: "u8, .. request.FromPathBytes, .. "\r\nFrom-Path: "u8, .. MsrpPaths.FirstUri(request.ToPathBytes),
        .. " "u8, .. answer.FromPathBytes, .. "\r\n"u8,
    ];

    private static byte[] Paths(ImmutableArray<MsrpUri> to, ImmutableArray<MsrpUri> from, int passed)
    {
        var left = to.Skip(passed);
        var back = to.Take(passed).Reverse().Concat(from);
        return Encoding.ASCII.GetBytes(
            $"To-Path: {string.Join(' ', left)}\r\nFrom-Path: {string.Join(' ', back)}\r\n");
    }
}
