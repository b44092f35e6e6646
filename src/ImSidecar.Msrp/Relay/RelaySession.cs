using System.Net;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Relay;

/// <summary>What AUTH gave a client: a URI of ours behind which it can be reached, RFC 4976 5.1.</summary>
internal sealed class RelaySession(MsrpUri uri, string user, IPAddress? address, MsrpUri inner, bool isRelayed)
{
    // Peers and next hops that a session remembers.
    private const int MaxPeers = 32;

    private static long _last;

    private readonly Lock _gate = new();
    private readonly Dictionary<MsrpUri, RelayConnection> _peers = [];
    private RelayConnection? _owner;
    private TokenBucket? _bucket;
    private volatile bool _isOver;
    private volatile int _version;

    /// <summary>For operators: the URI is a secret.</summary>
    public long Number { get; } = Interlocked.Increment(ref _last);

    public MsrpUri Uri => uri;

    public string Id => uri.SessionId!;

    public string User => user;

    /// <summary>Where AUTH came from.</summary>
    public IPAddress? Address => address;

    /// <summary>Who was the first behind us when it came: the client, or the relay it used to reach us.</summary>
    public MsrpUri Inner => inner;

    /// <summary>AUTH came through another relay, which may have more than one connection to us.</summary>
    public bool IsRelayed => isRelayed;

    /// <summary>The connection to the client; null while it has none.</summary>
    public RelayConnection? Owner => _owner;

    public bool IsOver => _isOver;

    /// <summary>What was decided by an older one is to be decided again.</summary>
    public int Version => _version;

    /// <summary>As AUTH says, once it is answered.</summary>
    public DateTimeOffset ExpiresAt { get; set; } = DateTimeOffset.MaxValue;

    /// <summary>When its client went away; never where that came through another relay, which has other connections.</summary>
    public DateTimeOffset LeftAt { get; private set; } = DateTimeOffset.MaxValue;

    public TokenBucket? Bucket => _bucket;

    public void Limit(TokenBucket bucket) => _bucket = bucket;

    public void Bind(RelayConnection owner)
    {
        lock (_gate)
        {
            if (_owner == owner)
                return;

            _owner?.Disown(this);
            _owner = owner;
            LeftAt = DateTimeOffset.MaxValue;
            Renew();
        }

        owner.Own(this);
    }

    /// <summary>Its client's connection is gone.</summary>
    public void Unbind(RelayConnection owner, DateTimeOffset now)
    {
        lock (_gate)
        {
            if (_owner != owner)
                return;

            _owner = null;
            if (!isRelayed)
                LeftAt = now;

            Renew();
        }
    }

    /// <summary>A peer is reached by the connection he came by, RFC 4975 5.4: the first, while it stands.</summary>
    public void Remember(MsrpUri peer, RelayConnection connection)
    {
        lock (_gate)
        {
            if (_isOver || _peers.TryGetValue(peer, out var known) && (known == connection || !known.Output.IsOver))
                return;

            if (_peers.Count >= MaxPeers && !MakeRoom())
                return;

            connection.AddUser();
            if (_peers.Remove(peer, out var former))
                former.RemoveUser();

            _peers[peer] = connection;
            Renew();
        }
    }

    /// <summary>False while as many are connected as a session may have.</summary>
    public bool MayHaveAnotherPeer()
    {
        lock (_gate)
            return _peers.Count < MaxPeers || MakeRoom();
    }

    public RelayConnection? Find(MsrpUri peer)
    {
        lock (_gate)
            return _peers.TryGetValue(peer, out var connection) && !connection.Output.IsOver ? connection : null;
    }

    public void End()
    {
        lock (_gate)
        {
            if (_isOver)
                return;

            _isOver = true;
            foreach (var each in _peers.Values)
                each.RemoveUser();

            _peers.Clear();
            _owner?.Disown(this);
            _owner = null;
        }
    }

    private bool MakeRoom()
    {
        foreach (var (peer, connection) in _peers)
        {
            if (!connection.Output.IsOver)
                continue;

            connection.RemoveUser();
            return _peers.Remove(peer);
        }

        return false;
    }

    private void Renew() => Interlocked.Increment(ref _version);
}
