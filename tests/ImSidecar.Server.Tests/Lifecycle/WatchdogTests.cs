using System.Globalization;
using System.Runtime.CompilerServices;
using ImSidecar.Core.Conferences;
using ImSidecar.Server.Hosting;
using ImSidecar.Server.Lifecycle;
using ImSidecar.Server.Tests.Hosting;
using ImSidecar.Server.Tests.Stores;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImSidecar.Server.Tests.Lifecycle;

/// <summary>What systemd is told, and that it is told of work only when work gets through.</summary>
public sealed class WatchdogTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task It_is_told_over_a_path_and_over_an_abstract_name(bool isAbstract)
    {
        var name = isAbstract ? $"@imsidecar-{Guid.NewGuid():N}" : Path.Combine(Path.GetTempPath(), $"n{Guid.NewGuid():N}");
        using (var systemd = new NotifySocket(name))
        using (var manager = Manager(("NOTIFY_SOCKET", name)))
        {
            manager.Ready();
            Assert.Equal("READY=1", await systemd.NextAsync(""));
            manager.Reloading();
            Assert.Matches("^RELOADING=1\nMONOTONIC_USEC=[0-9]+$", await systemd.NextAsync(""));
            manager.Status("7 conferences");
            Assert.Equal("STATUS=7 conferences", await systemd.NextAsync(""));
        }

        File.Delete(name);
    }

    [Fact]
    public void Without_a_manager_nobody_is_told()
    {
        using var manager = Manager();
        using var gone = Manager(("NOTIFY_SOCKET", "/nowhere/notify"));

        manager.Ready();
        gone.Ready();

        Assert.False(manager.IsThere);
        Assert.Null(manager.WatchdogInterval);
    }

    [Fact]
    public void It_is_told_twice_in_the_time_that_it_gives()
    {
        var own = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);

        Assert.Equal(TimeSpan.FromSeconds(15), Manager(("WATCHDOG_USEC", "30000000")).WatchdogInterval);
        Assert.Equal(
            TimeSpan.FromSeconds(15), Manager(("WATCHDOG_USEC", "30000000"), ("WATCHDOG_PID", own)).WatchdogInterval);
        Assert.Null(Manager(("WATCHDOG_USEC", "30000000"), ("WATCHDOG_PID", "1")).WatchdogInterval);
        Assert.Null(Manager(("WATCHDOG_USEC", "soon")).WatchdogInterval);
    }

    [Fact]
    public async Task A_node_that_works_says_so_and_one_that_does_not_is_silent()
    {
        var name = $"@imsidecar-{Guid.NewGuid():N}";
        using var systemd = new NotifySocket(name);
        using var manager = Manager(("NOTIFY_SOCKET", name), ("WATCHDOG_USEC", "200000"));
        var pulse = new ScriptedPulse();
        using var life = new Life();
        using var watchdog = new Watchdog(manager, pulse, life, NullLogger<Watchdog>.Instance);
        await watchdog.StartAsync(TestContext.Current.CancellationToken);
        Assert.False(await systemd.ComesAsync("", TimeSpan.FromMilliseconds(300)), "It has not started yet");

        life.Start();
        Assert.Equal("READY=1", await systemd.NextAsync(""));
        Assert.Equal("WATCHDOG=1", await systemd.NextAsync("WATCHDOG"));
        Assert.Equal("STATUS=works", await systemd.NextAsync("STATUS"));

        pulse.Stands = true;
        await pulse.Stood.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        systemd.PassOverAll();

        Assert.False(await systemd.ComesAsync("WATCHDOG", TimeSpan.FromMilliseconds(700)), "It said that it works");

        pulse.Stands = false;
        Assert.Equal("WATCHDOG=1", await systemd.NextAsync("WATCHDOG"));
        life.StopApplication();
        Assert.StartsWith("STOPPING=1", await systemd.NextAsync("STOPPING"), StringComparison.Ordinal);
        await watchdog.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task The_pulse_of_the_sidecar_goes_through_a_mailbox_and_leaves_nothing()
    {
        using var node = new ScriptedLink(new InMemoryConferenceStore());
        var pulse = new SidecarPulse(node.Router, ScriptedLink.Registry(TimeProvider.System), node.Counts, node.Drain);

        await pulse.BeatAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, node.Router.Count);
        Assert.Equal("0 conferences, 0 participants, no Kamailio attached", pulse.Status);
    }

    [Fact]
    public async Task The_pulse_stops_where_the_store_hangs()
    {
        using var node = new ScriptedLink(new HangingStore());

        var beat = node.Router.ProbeAsync();

        await Task.Delay(100, TestContext.Current.CancellationToken);
        Assert.False(beat.IsCompleted);
    }

    private static ServiceManager Manager(params (string Name, string Value)[] environment) =>
        new(name => environment.FirstOrDefault(each => each.Name == name).Value);

    private sealed class ScriptedPulse : IPulse
    {
        private readonly TaskCompletionSource _stood = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private volatile bool _stands;

        public bool Stands
        {
            get => _stands;
            set => _stands = value;
        }

        /// <summary>It has been felt since it stands, so all that was said of earlier ones has been sent.</summary>
        public Task Stood => _stood.Task;

        public string Status => "works";

        public Task BeatAsync(CancellationToken cancellation)
        {
            if (!Stands)
                return Task.CompletedTask;

            _stood.TrySetResult();
            return Task.Delay(Timeout.Infinite, cancellation);
        }
    }

    private sealed class Life : IHostApplicationLifetime, IDisposable
    {
        private readonly CancellationTokenSource _started = new();
        private readonly CancellationTokenSource _stopping = new();

        public CancellationToken ApplicationStarted => _started.Token;

        public CancellationToken ApplicationStopping => _stopping.Token;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public void Start() => _started.Cancel();

        public void StopApplication() => _stopping.Cancel();

        public void Dispose()
        {
            _started.Dispose();
            _stopping.Dispose();
        }
    }

    private sealed class HangingStore : IAggregateStore
    {
        public async ValueTask<StoredAggregate?> LoadAsync(AggregateId id, CancellationToken cancellation)
        {
            await Task.Delay(Timeout.Infinite, cancellation);
            return null;
        }

        public ValueTask<bool> TrySaveAsync(
            AggregateId id, long expectedRevision, AggregateChanges changes, CancellationToken cancellation) =>
            ValueTask.FromResult(true);

        public async IAsyncEnumerable<AggregateId> ActiveAsync([EnumeratorCancellation] CancellationToken cancellation)
        {
            await Task.CompletedTask;
            yield break;
        }
    }
}
