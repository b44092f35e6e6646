using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Switch;

/// <summary>
/// The NICKNAMEs of one leg, RFC 7701 7: one at a time waits for its answer, and there are not many in a while, for
/// each is a change that others are told of.
/// </summary>
internal sealed class NicknameGate(TimeProvider clock)
{
    private const int MaxInWindow = 10;

    private static readonly TimeSpan _window = TimeSpan.FromSeconds(10);

    // RFC 4975 7.1.1: who asked does not wait for longer.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private (MsrpHead Request, MsrpConnection Connection)? _waiting;
    private long _waitsSince;
    private long _windowSince;
    private int _inWindow;

    /// <summary>False when it has to be refused. Who asked on another connection waits there no more.</summary>
    public bool TryBegin(MsrpHead request, MsrpConnection connection)
    {
        lock (_gate)
        {
            if (_waiting?.Connection == connection && clock.GetElapsedTime(_waitsSince) < _patience)
                return false;

            if (_inWindow == 0 || clock.GetElapsedTime(_windowSince) >= _window)
                (_windowSince, _inWindow) = (clock.GetTimestamp(), 0);

            if (_inWindow == MaxInWindow)
                return false;

            _inWindow++;
            (_waiting, _waitsSince) = ((request, connection), clock.GetTimestamp());
            return true;
        }
    }

    /// <summary>The request with that transaction and where it came, if it still waits; then no longer.</summary>
    public (MsrpHead Request, MsrpConnection Connection)? End(string transaction)
    {
        lock (_gate)
        {
            if (_waiting is not { } waiting || waiting.Request.TransactionId != transaction)
                return null;

            _waiting = null;
            return waiting;
        }
    }
}
