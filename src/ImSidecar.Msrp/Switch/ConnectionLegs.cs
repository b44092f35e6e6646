using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Switch;

/// <summary>The legs of one connection, found by the session id in To-Path. Only its reader touches it.</summary>
internal sealed class ConnectionLegs(MsrpConnection connection, SwitchTable table)
{
    private readonly List<LegBinding> _bindings = [];
    private byte[] _lastToPath = [];
    private byte[] _lastFromPath = [];

    /// <summary>The leg of the last request or answer that had one.</summary>
    public LegBinding? Last { get; private set; }

    public bool IsEmpty => _bindings.Count == 0;

    /// <summary>For whoever asks, as of a moment ago.</summary>
    public int Count => _bindings.Count;

    public void Add(LegBinding binding) => _bindings.Add(binding);

    /// <summary>Finds or binds the leg of a request. 0, or the answer that refuses it.</summary>
    public int Find(MsrpHead head)
    {
        if (TryFind(head))
            return 0;

        // More than one URI would make us a relay.
        if (head.ToPath is not [{ SessionId: { } sessionId }])
            return MsrpStatus.NoSuchSession;

        var result = table.Bind(sessionId, head, connection, out var binding);
        if (result == SwitchTable.BindResult.Bound)
            Remember(binding, head);

        return result switch
        {
            SwitchTable.BindResult.Bound => 0,
            SwitchTable.BindResult.BoundElsewhere => MsrpStatus.SessionOnOtherConnection,
            SwitchTable.BindResult.NotProven => MsrpStatus.Forbidden,
            _ => MsrpStatus.NoSuchSession,
        };
    }

    /// <summary>Finds the leg among those that are bound; it is then the last.</summary>
    public bool TryFind(MsrpHead head)
    {
        if (Last is { IsOver: false } && head.ToPathBytes.SequenceEqual(_lastToPath)
            && (Last.Leg.FormerSession is null || head.FromPathBytes.SequenceEqual(_lastFromPath)
                && (Last.Leg.Former == Last) == Last.Leg.IsFromFormer(head)))
            return true;

        // Where he was and where he is may be one connection.
        if (head.ToPath is not [{ SessionId: { } sessionId }]
            || _bindings.Find(each => !each.IsOver && each.Leg.SessionId == sessionId
                && (each.Leg.Former == each) == each.Leg.IsFromFormer(head)) is not { } binding)
            return false;

        Remember(binding, head);
        return true;
    }

    /// <summary>Lets go of those that were taken away; what they were just saying is given up.</summary>
    public void Sweep()
    {
        foreach (var binding in _bindings)
        {
            if (binding.IsOver)
                binding.Taker.Abandon();
        }

        _bindings.RemoveAll(each => each.IsOver);
    }

    /// <summary>The connection is over, and with it the connection of each leg.</summary>
    public void End(MsrpLoss? loss)
    {
        foreach (var binding in _bindings)
        {
            binding.Taker.Abandon();
            table.Lose(binding, loss);
        }
    }

    private void Remember(LegBinding binding, MsrpHead head)
    {
        Last = binding;
        _lastToPath = head.ToPathBytes.ToArray();
        _lastFromPath = head.FromPathBytes.ToArray();
    }
}
