namespace ImSidecar.Digest;

/// <summary>
/// Wrong passwords in the current minute, for each user from each address and for each address; a guesser is not even
/// told whether he was right.
/// </summary>
public sealed class FailureLimit(int perUser, TimeProvider time)
{
    public const int MaxKeys = 20_000;
    private const int AddressFactor = 10;
    private static readonly TimeSpan _period = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Tally<(string, int)> _byUser = new();
    private readonly Tally<string> _byAddress = new();
    private DateTimeOffset _until = DateTimeOffset.MinValue;

    public bool IsExceeded(string address, string user)
    {
        lock (_lock)
        {
            Renew();
            return _byUser.Of(Key(address, user)) >= perUser
                || _byAddress.Of(address) >= (long)perUser * AddressFactor;
        }
    }

    public void Count(string address, string user)
    {
        lock (_lock)
        {
            Renew();
            _byUser.Add(Key(address, user));
            _byAddress.Add(address);
        }
    }

    private void Renew()
    {
        var now = time.GetUtcNow();
        if (now < _until)
            return;

        _byUser.Clear();
        _byAddress.Clear();
        _until = now + _period;
    }

    // A name may be long, and its hash, which nobody outside can choose, is enough.
    private static (string, int) Key(string address, string user) =>
        (address, user.GetHashCode(StringComparison.Ordinal));

    /// <summary>Bounded: who failed first is forgotten, and nobody is refused for the failures of others.</summary>
    private sealed class Tally<TKey>
        where TKey : notnull
    {
        private readonly Dictionary<TKey, int> _counts = [];
        private readonly Queue<TKey> _byFirst = new();

        public int Of(TKey key) => _counts.GetValueOrDefault(key);

        public void Add(TKey key)
        {
            if (!_counts.ContainsKey(key))
            {
                if (_counts.Count == MaxKeys)
                    _counts.Remove(_byFirst.Dequeue());
                _byFirst.Enqueue(key);
            }

            _counts[key] = Of(key) + 1;
        }

        public void Clear()
        {
            _counts.Clear();
            _byFirst.Clear();
        }
    }
}
