using ImSidecar.Server.Gateway;
using ImSidecar.Server.Tests.Grpc;
using ImSidecar.Server.Tests.Hosting;
using ImSidecar.Server.Tests.Stores;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Tests.Gateway;

/// <summary>A sidecar without Kamailio says what to do, and not every second.</summary>
public sealed class LinkWatchTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public async Task After_half_a_minute_it_is_said_once_which_socket_waits_and_what_to_load()
    {
        using var node = new ScriptedLink(new InMemoryConferenceStore(), time: _time);
        node.Detach();
        var links = node.Links;
        var log = new CollectedLog();
        using var factory = LoggerFactory.Create(logging => logging.AddProvider(log));
        using var watch = new LinkWatch(
            links, node.Router, new() { Socket = "/run/imsidecar/gateway.sock" }, _time, factory.CreateLogger<LinkWatch>());
        await watch.StartAsync(TestContext.Current.CancellationToken);

        await PassAsync(29);
        Assert.Empty(log.Lines);
        await UntilSaidAsync(log, 1);
        await PassAsync(60);
        Assert.Equal(
            "No Kamailio has attached to Gateway:Socket /run/imsidecar/gateway.sock for 30 s: its kamailio.cfg has to load"
                + " im_sidecar.so with modparam(\"im_sidecar\", \"target\", \"unix:/run/imsidecar/gateway.sock\"), and its user"
                + " has to be able to write to that socket",
            Assert.Single(log.Lines).Text);

        // One that comes and goes is missed again.
        var link = links.Attach(new() { Instance = "test", BootId = "boot" }, 16, out _);
        link.IsServing = true;
        await PassAsync(60);
        Assert.Single(log.Lines);
        links.Detach(link);
        await UntilSaidAsync(log, 2);
        await watch.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Who_may_come_from_another_machine_is_told_that_door_too()
    {
        using var node = new ScriptedLink(new InMemoryConferenceStore(), time: _time);
        node.Detach();
        var log = new CollectedLog();
        using var factory = LoggerFactory.Create(logging => logging.AddProvider(log));
        using var watch = new LinkWatch(
            node.Links, node.Router, new() { Socket = "/run/g.sock", Listen = "192.0.2.1:2880" }, _time,
            factory.CreateLogger<LinkWatch>());
        await watch.StartAsync(TestContext.Current.CancellationToken);

        await UntilSaidAsync(log, 1);
        await watch.StopAsync(TestContext.Current.CancellationToken);

        Assert.StartsWith(
            "No Kamailio has attached to Gateway:Socket /run/g.sock or Gateway:Listen 192.0.2.1:2880 for 30 s: ",
            Assert.Single(log.Lines).Text, StringComparison.Ordinal);
    }

    private async Task UntilSaidAsync(CollectedLog log, int lines)
    {
        for (var i = 0; log.Lines.Count < lines; i++)
        {
            Assert.InRange(i, 0, 2000);
            await PassAsync(1);
        }
    }

    private async Task PassAsync(int seconds)
    {
        for (var i = 0; i < seconds; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(2, TestContext.Current.CancellationToken);
        }
    }
}
