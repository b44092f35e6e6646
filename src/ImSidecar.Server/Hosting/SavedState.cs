using ImSidecar.Core.Conferences;
using ImSidecar.Core.Participating;
using ImSidecar.Server.Cluster;

namespace ImSidecar.Server.Hosting;

/// <summary>An aggregate as it was saved last, until it is another node's.</summary>
internal sealed class SavedState(IAggregateKind kind, EffectRunner effects)
{
    private readonly Lock _holding = new();
    private Aggregate? _value;
    private volatile bool _isLost;

    /// <summary>Null: there is none, or it is not loaded; any thread may look.</summary>
    public Aggregate? Value => Volatile.Read(ref _value);

    /// <summary>It was taken from this node.</summary>
    public bool IsLost => _isLost;

    public void Hold(Aggregate? next)
    {
        lock (_holding)
        {
            // This node may hold it anew by now, in another mailbox.
            if (!_isLost)
                kind.OnHeld(_value, next);
            Volatile.Write(ref _value, next);
        }
    }

    /// <summary>It is another node's: its legs are opened there, the peers connect anew.</summary>
    public void Release()
    {
        lock (_holding)
        {
            if (!_isLost)
                CloseLegs();
            Hold(null);
        }
    }

    /// <summary>
    /// It was taken from this node: its legs close at once, whatever a batch that is being worked off waits for, and that one
    /// saves and sends nothing more.
    /// </summary>
    public void Lose()
    {
        lock (_holding)
        {
            if (_isLost)
                return;

            CloseLegs();
            kind.OnHeld(_value, null);
            _isLost = true;
        }
    }

    /// <summary>Who has it now decides on all that this node still works off.</summary>
    public void ThrowIfLost()
    {
        if (_isLost)
            throw new StaleEpochException();
    }

    private void CloseLegs() => effects.CloseLegs(_value switch
    {
        Conference conference => conference.Participants.Values.Select(each => each.Leg?.Media.SessionId),
        DeferredSession session => [session.Leg?.Media.SessionId],
        _ => [],
    });
}
