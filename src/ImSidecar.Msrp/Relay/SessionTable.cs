using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using ImSidecar.Digest;
using ImSidecar.Protocol.Msrp;
using Microsoft.Extensions.Options;

namespace ImSidecar.Msrp.Relay;

/// <summary>The sessions of the relay, and how many one user and one address have.</summary>
internal sealed class SessionTable(IOptions<RelayOptions> section, TimeProvider clock)
{
    // 120 bits: RFC 4976 5.1 wants 80.
    private const int RandomBytes = 15;

    private readonly ConcurrentDictionary<string, RelaySession> _sessions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _byUser = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _byAddress = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    private RelayOptions Options => section.Value;

    public int Count => _sessions.Count;

    public IEnumerable<RelaySession> All => _sessions.Select(each => each.Value);

    public RelaySession? Find(string? id) => id is null ? null : _sessions.GetValueOrDefault(id);

    /// <summary>A new session, or which limit forbids it.</summary>
    public RelaySession? TryOpen(RelayConnection owner, string user, MsrpUri inner, bool isRelayed, out string limit)
    {
        limit = "";
        var address = DigestVerifier.AddressKey(owner.PeerAddress);
        lock (_gate)
        {
            if (_byUser.GetValueOrDefault(user) >= Options.MaxSessionsPerUser)
                DropLeft(user);

            limit = _sessions.Count >= Options.MaxSessions ? "too many sessions"
                : _byUser.GetValueOrDefault(user) >= Options.MaxSessionsPerUser ? "too many sessions of this user"
                : _byAddress.GetValueOrDefault(address) >= Options.MaxSessionsPerAddress
                ? "too many sessions from this address" : "";
            if (limit.Length > 0)
                return null;

            var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(RandomBytes));
            var session = new RelaySession(
                Options.LocalUri(owner.IsSecure, id), user, owner.PeerAddress, inner, isRelayed);
            if (Options.MaxBytesPerSecond > 0)
                session.Limit(new(Options.MaxBytesPerSecond, clock));

            _sessions[id] = session;
            _byUser[user] = _byUser.GetValueOrDefault(user) + 1;
            _byAddress[address] = _byAddress.GetValueOrDefault(address) + 1;
            RelayMetrics.Sessions.Add(1);
            return session;
        }
    }

    /// <summary>Ends what is past its time, or has been without client for too long.</summary>
    public void Sweep()
    {
        var now = clock.GetUtcNow();
        foreach (var (_, session) in _sessions)
        {
            if (session.ExpiresAt <= now || session.LeftAt < now - Options.ReconnectWithin)
                End(session);
        }
    }

    public void End(RelaySession session)
    {
        lock (_gate)
        {
            if (!_sessions.TryRemove(session.Id, out _))
                return;

            Less(_byUser, session.User);
            Less(_byAddress, DigestVerifier.AddressKey(session.Address));
            RelayMetrics.Sessions.Add(-1);
        }

        session.End();
    }

    // Whoever came back by a new AUTH does not need the old ones.
    private void DropLeft(string user)
    {
        foreach (var (_, session) in _sessions)
        {
            if (session.User == user && session.Owner is null && session.LeftAt != DateTimeOffset.MaxValue)
                End(session);
        }
    }

    private static void Less(Dictionary<string, int> counts, string key)
    {
        if (counts.GetValueOrDefault(key) <= 1)
            counts.Remove(key);
        else
            counts[key]--;
    }
}
