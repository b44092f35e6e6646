using ImSidecar.Server.Lifecycle;
using ImSidecar.Server.Tests.Grpc;
using ImSidecar.Server.Tests.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Tests.Lifecycle;

/// <summary>What is configured, and before it what the operator has set for a while.</summary>
public sealed class LogLevelsTests : IDisposable
{
    private readonly ManualTime _time = new();
    private LogLevels? _levels;
    private ServiceProvider? _services;

    public void Dispose()
    {
        _services?.Dispose();
        _levels?.Dispose();
    }

    [Fact]
    public void Where_nothing_is_said_it_is_Information()
    {
        Start();

        Assert.Equal((true, false), (IsOn("A.B", LogLevel.Information), IsOn("A.B", LogLevel.Debug)));
    }

    [Fact]
    public void The_longest_name_counts()
    {
        Start(("Default", "Warning"), ("A", "Error"), ("A.B", "Debug"));

        Assert.True(IsOn("A.B.C", LogLevel.Debug));
        Assert.False(IsOn("A.X", LogLevel.Warning));
        Assert.Equal((true, false), (IsOn("X", LogLevel.Warning), IsOn("X", LogLevel.Information)));
    }

    [Fact]
    public async Task What_is_set_goes_before_and_ends_by_itself()
    {
        Start(("A", "Error"));
        _levels!.Set("A", LogLevel.Trace, TimeSpan.FromMinutes(5));
        _levels.Set("Default", LogLevel.Debug, null);
        Assert.True(IsOn("A.B", LogLevel.Trace) && IsOn("X", LogLevel.Debug));
        Assert.Contains(new("A", LogLevel.Trace, IsSet: true, _time.GetUtcNow().AddMinutes(5)), _levels.Get());
        Assert.Contains(new("A", LogLevel.Error, IsSet: false, Until: null), _levels.Get());

        _time.Advance(TimeSpan.FromMinutes(6));
        for (var i = 0; IsOn("A.B", LogLevel.Trace); i++)
        {
            Assert.InRange(i, 0, 1000);
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        Assert.Equal((true, false), (IsOn("X", LogLevel.Debug), IsOn("A.B", LogLevel.Warning)));
    }

    [Fact]
    public async Task What_is_set_anew_does_not_end_with_what_was_before()
    {
        Start();
        _levels!.Set("A", LogLevel.Trace, TimeSpan.FromMinutes(1));
        _levels.Set("A", LogLevel.Debug, TimeSpan.FromMinutes(10));

        _time.Advance(TimeSpan.FromMinutes(2));
        await Task.Delay(50, TestContext.Current.CancellationToken);

        Assert.True(IsOn("A", LogLevel.Debug));
    }

    [Fact]
    public async Task What_is_set_ends_on_time_though_the_clock_was_set_back()
    {
        Start(new SlowClock(_time));
        _levels!.Set("A", LogLevel.Trace, TimeSpan.FromMinutes(1));

        _time.Advance(TimeSpan.FromMinutes(2));
        for (var i = 0; IsOn("A", LogLevel.Trace); i++)
        {
            Assert.InRange(i, 0, 1000);
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public void A_category_with_two_wildcards_is_refused_before_the_logging_fails_at_it()
    {
        Start(("A*B*", "Debug"));

        Assert.Throws<ArgumentException>(() => _levels!.Set("*A*", LogLevel.Debug, TimeSpan.FromMinutes(1)));
        _levels!.Set("*.B", LogLevel.Debug, null);

        Assert.Equal((true, false), (IsOn("A.B", LogLevel.Debug), IsOn("X", LogLevel.Debug)));
    }

    private bool IsOn(string category, LogLevel level) =>
        _services!.GetRequiredService<ILoggerFactory>().CreateLogger(category).IsEnabled(level);

    private void Start(params (string Category, string Level)[] configured) => Start(_time, configured);

    private void Start(TimeProvider time, params (string Category, string Level)[] configured)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(configured.Select(each =>
            KeyValuePair.Create("Logging:LogLevel:" + each.Category, (string?)each.Level))).Build();
        _levels = new(configuration, time);
        _services = new ServiceCollection()
            .AddLogging(logging => logging.AddProvider(new CollectedLog()))
            .AddSingleton<IConfigureOptions<LoggerFilterOptions>>(_levels)
            .AddSingleton<IOptionsChangeTokenSource<LoggerFilterOptions>>(_levels)
            .BuildServiceProvider();
    }

    // Timers go on; the clock is set back all the time.
    private sealed class SlowClock(ManualTime time) : TimeProvider
    {
        private readonly DateTimeOffset _stopped = time.GetUtcNow();

        public override DateTimeOffset GetUtcNow() => _stopped;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            time.CreateTimer(callback, state, dueTime, period);
    }
}
