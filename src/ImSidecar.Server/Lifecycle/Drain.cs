using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Lifecycle;

/// <summary>
/// The operator takes this node out of service: what <see cref="NewWork"/> names is refused, everything else goes on.
/// Not remembered: a node that starts is in service.
/// </summary>
internal sealed class Drain(TimeProvider time, ILogger<Drain> logger)
{
    private readonly Lock _gate = new();
    private DateTimeOffset? _since;
    private long _refused;
    private volatile bool _isOn;

    public bool IsOn => _isOn;

    /// <summary>Null while it is off.</summary>
    public DateTimeOffset? Since
    {
        get
        {
            lock (_gate)
                return _since;
        }
    }

    /// <summary>Requests refused for it since the start.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Once more changes nothing.</summary>
    public void Begin()
    {
        lock (_gate)
        {
            if (_isOn)
                return;

            (_isOn, _since) = (true, time.GetUtcNow());
        }

        Log.DrainBegins(logger);
    }

    public void End()
    {
        lock (_gate)
        {
            if (!_isOn)
                return;

            (_isOn, _since) = (false, null);
        }

        Log.DrainEnds(logger, Refused);
    }

    public void OnRefused() => Interlocked.Increment(ref _refused);
}
