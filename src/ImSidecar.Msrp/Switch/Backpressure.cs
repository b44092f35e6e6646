namespace ImSidecar.Msrp.Switch;

/// <summary>
/// Holds a sender back: as long as nobody who is to hear it has room, and once for a short time where some lag behind
/// others. Between two that is plain flow control; in a group nobody is held up by who does not read.
/// </summary>
internal static class Backpressure
{
    public static bool IsNeeded(IncomingMessage message) =>
        message.Routes is { } routes && (IsAnyLate(routes) || IsNobodyFree(message, routes));

    /// <summary>Ends early when <paramref name="woken"/> does.</summary>
    public static async Task WaitAsync(IncomingMessage message, TimeSpan tolerance, TimeProvider clock, Task woken)
    {
        if (message.Routes is not { } routes)
            return;

        while (!woken.IsCompleted && IsNobodyFree(message, routes))
        {
            // Ask all first and look again then: one may get room, or lose it, at any time.
            var open = routes.Select(each => each.Outbox).Where(each => !each.IsClosed);
            var rooms = open.Select(each => each.WaitForRoomAsync()).ToList();
            if (IsNobodyFree(message, routes))
                await Task.WhenAny([.. rooms, woken]).ConfigureAwait(false);
        }

        if (!woken.IsCompleted && IsAnyLate(routes))
            await WaitOnceAsync(routes, tolerance, clock, woken).ConfigureAwait(false);
    }

    private static async Task WaitOnceAsync(List<Route> routes, TimeSpan tolerance, TimeProvider clock, Task woken)
    {
        var late = routes.Where(each => each.IsLate)
            .Select(each => (each.Outbox, Room: each.Outbox.WaitForRoomAsync())).ToList();
        using var over = new CancellationTokenSource();
        var rooms = Task.WhenAll(late.Select(each => each.Room));
        await Task.WhenAny(rooms, woken, Task.Delay(tolerance, clock, over.Token)).ConfigureAwait(false);
        await over.CancelAsync().ConfigureAwait(false);

        foreach (var (outbox, room) in late)
        {
            if (!room.IsCompleted)
                outbox.MarkLagging();
        }
    }

    private static bool IsAnyLate(List<Route> routes)
    {
        foreach (var route in routes)
        {
            if (route.IsLate)
                return true;
        }

        return false;
    }

    // Who was waited for in vain does not count, nor does the only one of a group that takes this message: the next
    // message may be for others.
    private static bool IsNobodyFree(IncomingMessage message, List<Route> routes)
    {
        if (!message.IsPair && routes.Count == 1)
            return false;

        var isAnyLate = false;
        foreach (var route in routes)
        {
            if (route.Outbox is { IsClosed: false, IsCongested: false })
                return false;

            isAnyLate |= route.IsLate;
        }

        return isAnyLate;
    }
}
