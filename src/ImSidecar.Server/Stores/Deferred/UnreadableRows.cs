using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Stores.Deferred;

/// <summary>Tells the log of each message that cannot be read, once.</summary>
internal sealed class UnreadableRows(ILogger logger)
{
    private const int MostRemembered = 10_000;

    private readonly HashSet<(string User, long Number)> _told = [];

    public void Report(DeferredRow row, string error)
    {
        lock (_told)
        {
            if (_told.Count >= MostRemembered || !_told.Add((row.User, row.Number)))
                return;
        }

        Log.Unreadable(logger, row.Number, row.User, error);
    }
}
