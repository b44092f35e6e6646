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
    public async Task Work_that_fails_leaves_its_room()
    {
        using var work = new DocumentWork(atOnce: 1, TimeSpan.FromSeconds(10));

        await Assert.ThrowsAsync<InvalidDataException>(() =>
            work.ComputeAsync<int>(() => throw new InvalidDataException("no"), Cancel).AsTask());

        Assert.Equal(1, await work.ComputeAsync(() => 1, Cancel));
    }
}
