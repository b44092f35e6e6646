namespace ImSidecar.Server.Lifecycle;

/// <summary>How the process shows that it works and what it does.</summary>
internal interface IPulse
{
    /// <summary>Ends when something has gone the way that all work goes.</summary>
    Task BeatAsync(CancellationToken cancellation);

    /// <summary>In a few words, for systemctl status.</summary>
    string Status { get; }
}
