using ImSidecar.Server.Hosting;
using Microsoft.Extensions.Hosting;

namespace ImSidecar.Server.Gateway;

/// <summary>
/// The process is told to stop: Kamailios refuse what is new, what is in work is answered, and then their streams end. Who
/// is refused then can be sure that nothing was done.
/// </summary>
internal sealed class Farewell(LinkRegistry links, Admission admission, AggregateRouter router, TimeProvider time)
    : IHostedLifecycleService, IDisposable
{
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(2);

    // A stream brings what was sent before it brought the word to pause.
    private static readonly TimeSpan _quiet = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan _glance = TimeSpan.FromMilliseconds(20);

    private readonly CancellationTokenSource _said = new();

    /// <summary>No stream is served any more.</summary>
    public CancellationToken Said => _said.Token;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        var busyUntil = began;
        while (links.Current is not null && time.GetElapsedTime(began) < _longest
            && time.GetElapsedTime(busyUntil) < _quiet && !cancellationToken.IsCancellationRequested)
        {
            foreach (var link in links.All)
                link.TrySend(new() { Pause = new() { Milliseconds = (uint)_longest.TotalMilliseconds / 2 } });
            await Task.Delay(_glance, time, CancellationToken.None);

            // What is saved is still to be answered.
            if (admission.RequestsInWork > 0 || !router.WhenIdle().IsCompleted)
                busyUntil = time.GetTimestamp();
        }

        await _said.CancelAsync();
    }

    public Task StopAsync(CancellationToken cancellationToken) => _said.CancelAsync();

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _said.Dispose();
}
