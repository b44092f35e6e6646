namespace ImSidecar.Server.Gateway;

/// <summary>
/// Which boots of Kamailios are over, so that what was in flight there has ended: those whose instance has another one,
/// and those that stay away while another Kamailio is attached.
/// </summary>
internal sealed class Boots(IBootMemory memory, GatewayOptions options, TimeProvider time)
{
    // So much of a boot the module writes into the names of its transactions.
    private const int Length = 8;
    private const int MostRemembered = 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, string> _ofInstances = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _attached = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _away = new(StringComparer.Ordinal);
    private readonly HashSet<string> _over = new(StringComparer.Ordinal);
    private readonly Queue<string> _overInOrder = new();

    /// <summary>The boot that the name of a transaction begins with; null: none.</summary>
    public static string? Of(string transaction) =>
        transaction.Length > Length && transaction[Length] == '-' ? transaction[..Length] : null;

    /// <summary>What a boot is called here: what its transactions begin with.</summary>
    public static string NameOf(string bootId) => bootId.Length > Length ? bootId[..Length] : bootId;

    /// <summary>The boots that are over because of it.</summary>
    public IReadOnlyList<string> OnAttached(string instance, string boot)
    {
        string?[] before = [memory.LastOf(instance), memory.LastOf("")];
        lock (_gate)
        {
            _attached[boot] = _attached.GetValueOrDefault(boot) + 1;
            _away.Remove(boot);
            _over.Remove(boot);
            var ended = before.Append(_ofInstances.GetValueOrDefault(instance))
                .OfType<string>().Select(NameOf).Distinct().Where(each => !_attached.ContainsKey(each) && !_over.Contains(each)).ToList();
            _ofInstances[instance] = boot;
            foreach (var each in ended)
                End(each);
            return ended;
        }
    }

    public void OnDetached(string boot)
    {
        lock (_gate)
        {
            if (_attached.GetValueOrDefault(boot) > 1)
                _attached[boot]--;
            else if (_attached.Remove(boot))
                _away[boot] = time.GetTimestamp();
        }
    }

    /// <summary>Something is in flight there: whether it is over is wanted to be known.</summary>
    public void Await(string boot)
    {
        lock (_gate)
        {
            if (!_attached.ContainsKey(boot) && !_over.Contains(boot))
                _away.TryAdd(boot, time.GetTimestamp());
        }
    }

    /// <summary>The last one that is over; null: none is as far as this node knows.</summary>
    public string? LastOver
    {
        get
        {
            lock (_gate)
                return _overInOrder.LastOrDefault();
        }
    }

    public bool IsOver(string boot)
    {
        lock (_gate)
            return _over.Contains(boot);
    }

    /// <summary>Those that have been away for too long by now. Without any Kamailio nobody knows better than to wait.</summary>
    public IReadOnlyList<string> Expire()
    {
        lock (_gate)
        {
            if (_attached.Count == 0)
                return [];

            var ended = _away.Where(each => time.GetElapsedTime(each.Value) >= options.GoneAfter)
                .Select(each => each.Key).ToList();
            foreach (var boot in ended)
                End(boot);
            return ended;
        }
    }

    private void End(string boot)
    {
        _away.Remove(boot);
        if (!_over.Add(boot))
            return;

        _overInOrder.Enqueue(boot);
        if (_overInOrder.Count > MostRemembered)
            _over.Remove(_overInOrder.Dequeue());
    }
}
