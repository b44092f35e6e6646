namespace ImSidecar.Server.Xdm.Embedded.Identity;

/// <summary>
/// Wrong passwords in the current minute, for each user from each address and for each address; a guesser is not even
/// told whether he was right.
/// </summary>
internal sealed class FailureLimit(int perUser, TimeProvider time)
{
    public const int MaxKeys = 20_000;
    private const int AddressFactor = 10;
    private static readonly TimeSpan _period = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _failures = new(StringComparer.Ordinal);
    private DateTimeOffset _until = DateTimeOffset.MinValue;

    public bool IsExceeded(string address, string user)
    {
        lock (_lock)
        {
            Renew();
            return _failures.GetValueOrDefault(Key(address, user)) >= perUser
                || _failures.GetValueOrDefault(address) >= perUser * AddressFactor
                || _failures.Count >= MaxKeys;
        }
    }

    public void Count(string address, string user)
    {
        lock (_lock)
        {
            Renew();
            foreach (var key in (string[])[Key(address, user), address])
                _failures[key] = _failures.GetValueOrDefault(key) + 1;
        }
    }

    private void Renew()
    {
        var now = time.GetUtcNow();
        if (now < _until)
            return;

        _failures.Clear();
        _until = now + _period;
    }

    private static string Key(string address, string user) => address + "\n" + user;
}
