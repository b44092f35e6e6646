using ImSidecar.Server.Lifecycle;
using ImSidecar.Server.Tests.Grpc;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Tests.Lifecycle;

/// <summary>A process whose service has failed stops, says which, and does not end as if it was told to.</summary>
public sealed class FailedServiceTests : IDisposable
{
    private readonly RunOfSidecar _sidecar = new();
    private readonly CollectedLog _log = new();

    public void Dispose() => _sidecar.Dispose();

    [Fact]
    public async Task A_service_that_fails_while_it_runs_is_a_bug_and_in_the_log()
    {
        Assert.Equal(ExitCode.Bug, await RunAsync(services => services.AddHostedService<Failing>()));

        var line = Assert.Single(_log.Lines, each => each.Level == LogLevel.Critical);
        Assert.Equal("Failing has failed, so the node stops: a bug", line.Text);
    }

    [Fact]
    public async Task Who_is_told_to_stop_while_it_starts_is_done()
    {
        Assert.Equal(ExitCode.Done, await RunAsync(services => services.AddHostedService<Stopping>()));
    }

    [Fact]
    public async Task A_start_that_gives_up_by_itself_is_not_taken_for_one_that_was_told_to()
    {
        Assert.Equal(ExitCode.Bug, await RunAsync(services => services.AddHostedService<GivingUp>()));
    }

    private async Task<int> RunAsync(Action<IServiceCollection> add)
    {
        var role = Sidecar.Role with
        {
            Add = (services, configuration) =>
            {
                Sidecar.Role.Add(services, configuration);
                services.AddSingleton<ILoggerProvider>(_log);
                add(services);
            },
        };
        return await Startup.RunAsync(["--config", _sidecar.File], role)
            .WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
    }

    private sealed class Failing(IHostApplicationLifetime lifetime) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
            await started.Task;
            throw new InvalidOperationException("No longer");
        }
    }

    private sealed class Stopping(IHostApplicationLifetime lifetime) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            lifetime.StopApplication();
            return Task.Delay(Timeout.Infinite, cancellationToken);
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class GivingUp : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => throw new TaskCanceledException("No answer");

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
