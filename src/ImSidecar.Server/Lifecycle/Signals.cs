using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;

namespace ImSidecar.Server.Lifecycle;

/// <summary>SIGHUP reads the configuration again; a second SIGTERM or SIGINT ends at once, the first is the host's.</summary>
internal sealed class Signals(Reload reload) : IHostedService, IDisposable
{
    // As a shell says of who died of it; what is accepted is saved.
    private const int Killed = 128;

    private readonly List<PosixSignalRegistration> _registrations = [];
    private int _asked;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            _ = reload.ReloadAsync();
        }));
        foreach (var (signal, number) in new[] { (PosixSignal.SIGTERM, 15), (PosixSignal.SIGINT, 2) })
        {
            _registrations.Add(PosixSignalRegistration.Create(signal, context =>
            {
                // The first one is the host's, which stops in order.
                if (Interlocked.Increment(ref _asked) > 1)
                    Environment.Exit(Killed + number);
            }));
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _registrations.ForEach(each => each.Dispose());
}
