using ImSidecar.Server.Xdm.Embedded;

namespace ImSidecar.Server.Tests.Xdm;

/// <summary>How much of the machine documents may take.</summary>
public sealed class DocumentWorkTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_more_are_at_work_than_there_is_room_for_and_all_get_their_turn()
    {
        using var work = new DocumentWork(atOnce: 2, TimeSpan.FromMinutes(1));
        var (now, most) = (0, 0);
        var gate = new Lock();

        var all = Enumerable.Range(0, 20).Select(number => Task.Run(() => work.ComputeAsync(
            () =>
            {
                lock (gate)
                    most = Math.Max(most, ++now);
                Thread.Sleep(5);
                lock (gate)
                    now--;
                return number;
            },
            Cancel).AsTask(), Cancel));
        var results = await Task.WhenAll(all);

        Assert.Equal(Enumerable.Range(0, 20), results);
        Assert.InRange(most, 1, 2);
    }

    [Fact]
    public async Task Who_waits_too_long_is_told_so_and_later_there_is_room_again()
    {
        using var work = new DocumentWork(atOnce: 1, TimeSpan.FromMilliseconds(50));
        using var begun = new SemaphoreSlim(0);
        using var end = new SemaphoreSlim(0);
        var first = Task.Run(() => work.ComputeAsync(
            () =>
            {
                begun.Release();
                end.Wait(Cancel);
                return 1;
            },
            Cancel).AsTask(), Cancel);
        await begun.WaitAsync(Cancel);

        await Assert.ThrowsAsync<TimeoutException>(() => work.ComputeAsync(() => 2, Cancel).AsTask());
        end.Release();

        Assert.Equal(1, await first);
        Assert.Equal(3, await work.ComputeAsync(() => 3, Cancel));
    }

    [Fact]
    public async Task Clients_get_503_when_documents_take_too_long_and_whole_ones_are_read_all_the_same()
    {
        await using var host = await XcapHost.StartAsync();
        await host.PutGroupAsync(XcapHost.Group());
        using var end = new ManualResetEventSlim();
        using var begun = new SemaphoreSlim(0);
        var busy = Enumerable.Range(0, Math.Max(1, Environment.ProcessorCount / 2)).Select(_ => Task.Run(
            () => host.Work.ComputeAsync(
                () =>
                {
                    begun.Release();
                    end.Wait(Cancel);
                    return 1;
                },
                Cancel).AsTask(),
            Cancel)).ToArray();
        foreach (var _ in busy)
            await begun.WaitAsync(Cancel);

        var put = host.PutAsync(XcapHost.ListPath, XcapHost.ListsType, XcapHost.Lists());
        var node = host.GetAsync(XcapHost.SkiPath + "/~~/group/list-service");
        var whole = await host.GetAsync(XcapHost.SkiPath);
        var refused = await Task.WhenAll(put, node);
        end.Set();
        await Task.WhenAll(busy);
        var later = await host.PutAsync(XcapHost.ListPath, XcapHost.ListsType, XcapHost.Lists());

        Assert.Equal([503, 503], refused.Select(answer => answer.Code));
        Assert.All(refused, answer => Assert.NotNull(answer.Response.Headers.RetryAfter));
        Assert.Equal((200, 201), (whole.Code, later.Code));
    }

    [Fact]
    public async Task Work_that_fails_leaves_its_room()
    {
        using var work = new DocumentWork(atOnce: 1, TimeSpan.FromSeconds(10));

        await Assert.ThrowsAsync<InvalidDataException>(() =>
            work.ComputeAsync<int>(() => throw new InvalidDataException("no"), Cancel).AsTask());

        Assert.Equal(1, await work.ComputeAsync(() => 1, Cancel));
    }
}
