namespace ImSidecar.Server.Stores.Deferred;

/// <summary>Tells the other nodes that something is kept for a user whom one of them serves.</summary>
internal interface IWaitingNews
{
    /// <summary>The others hear of it, if they listen; never throws, for what is kept is kept.</summary>
    ValueTask TellAsync(string user);

    /// <summary>Calls heard with a user, and with null when words may have been lost; until the cancellation.</summary>
    Task ListenAsync(Action<string?> heard, CancellationToken cancellation);
}

/// <summary>There are no others.</summary>
internal sealed class NoOthers : IWaitingNews
{
    public static NoOthers Instance { get; } = new();

    public ValueTask TellAsync(string user) => ValueTask.CompletedTask;

    public Task ListenAsync(Action<string?> heard, CancellationToken cancellation) => Task.CompletedTask;
}
