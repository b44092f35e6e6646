using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Xdm.Remote;

/// <summary>Whether the remote XDMS answers; the log says once when it stops and once when it is well again.</summary>
internal sealed class XdmsHealth(TimeProvider time, ILogger<XdmsHealth> logger)
{
    private readonly Lock _gate = new();
    private DateTimeOffset? _failingSince;

    public bool IsFailing
    {
        get
        {
            lock (_gate)
                return _failingSince is not null;
        }
    }

    public void Fails(string reason)
    {
        lock (_gate)
        {
            if (_failingSince is not null)
                return;

            _failingSince = time.GetUtcNow();
        }

        Log.Failing(logger, reason);
    }

    public void IsWell()
    {
        TimeSpan failed;
        lock (_gate)
        {
            if (_failingSince is not { } since)
                return;

            failed = time.GetUtcNow() - since;
            _failingSince = null;
        }

        Log.WellAgain(logger, failed);
    }
}
