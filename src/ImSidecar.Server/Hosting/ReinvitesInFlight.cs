namespace ImSidecar.Server.Hosting;

/// <summary>
/// The re-INVITEs of this node that Kamailio has and that wait for an answer. When many sessions come from another node at
/// once, all their peers are asked to come along: not all at the same moment.
/// </summary>
internal sealed class ReinvitesInFlight(TimeProvider time)
{
    // Each is a transaction of Kamailio. Phones that answer within 0.1 s still get 10 000 in a second.
    public const int Most = 1000;

    // Peers who answer nothing do not hold up the sessions behind them for long, whatever becomes of their INVITEs.
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(5);

    private int _count;

    public int Count => Volatile.Read(ref _count);

    public void Add(int change) => Interlocked.Add(ref _count, change);

    /// <summary>Until there is room for more, or for a while.</summary>
    public async Task RoomAsync(CancellationToken cancellation)
    {
        for (var waited = TimeSpan.Zero; Count >= Most && waited < Patience; waited += _look)
            await Task.Delay(_look, time, cancellation);
    }
}
