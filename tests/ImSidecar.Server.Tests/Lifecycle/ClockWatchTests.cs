using ImSidecar.Server.Lifecycle;
using ImSidecar.Server.Tests.Grpc;
using ImSidecar.Server.Tests.Hosting;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Tests.Lifecycle;

/// <summary>A clock that jumps is told of, once for each jump.</summary>
public sealed class ClockWatchTests
{
    private readonly ManualTime _time = new();
    private TimeSpan _ahead;

    [Fact]
    public async Task A_jump_is_told_once_and_what_it_means()
    {
        var log = new CollectedLog();
        using var factory = LoggerFactory.Create(logging => logging.AddProvider(log));
        using var watch = new ClockWatch(_time, factory.CreateLogger<ClockWatch>())
        {
            Clock = () => _time.GetUtcNow() + _ahead,
        };
        await watch.StartAsync(TestContext.Current.CancellationToken);
        await PassAsync(60);
        Assert.Empty(log.Lines);

        _ahead = TimeSpan.FromHours(1);
        await UntilSaidAsync(log, 1);
        await PassAsync(60);
        Assert.StartsWith("The clock was set: it is 3600 s ahead of the time that we go by", Assert.Single(log.Lines).Text);

        _ahead = TimeSpan.Zero;
        await UntilSaidAsync(log, 2);
        await watch.StopAsync(TestContext.Current.CancellationToken);
    }

    private async Task UntilSaidAsync(CollectedLog log, int lines)
    {
        for (var i = 0; log.Lines.Count < lines; i++)
        {
            Assert.InRange(i, 0, 2000);
            await PassAsync(10);
        }
    }

    private async Task PassAsync(int seconds)
    {
        for (var i = 0; i < seconds; i += 10)
        {
            _time.Advance(TimeSpan.FromSeconds(10));
            await Task.Delay(2, TestContext.Current.CancellationToken);
        }
    }
}
