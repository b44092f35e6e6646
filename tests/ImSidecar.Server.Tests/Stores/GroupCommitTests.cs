using ImSidecar.Core.Conferences;
using ImSidecar.Server.Stores;

namespace ImSidecar.Server.Tests.Stores;

/// <summary>Batches, order, failure and back-pressure, with a disk that does as it is told.</summary>
public sealed class GroupCommitTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(15);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_caller_is_answered_before_the_commit()
    {
        using var disk = new Disk();
        await using var commit = new GroupCommit(disk, Given.StoreHealth());

        var save = Save(commit, 1);
        await disk.IsWriting.WaitAsync(_patience, Cancel);
        Assert.False(save.IsCompleted);

        disk.GoOn.Release();
        Assert.True(await save);
    }

    [Fact]
    public async Task What_waits_during_a_commit_goes_into_the_next_one_in_order_and_at_most_256()
    {
        using var disk = new Disk();
        await using var commit = new GroupCommit(disk, Given.StoreHealth());

        var saves = new List<Task<bool>> { Save(commit, 0) };
        await disk.IsWriting.WaitAsync(_patience, Cancel);
        saves.AddRange(Enumerable.Range(1, 300).Select(number => Save(commit, number)));
        disk.GoOn.Release(3);
        await Task.WhenAll(saves);

        Assert.Equal([1, 256, 44], disk.Batches.Select(batch => batch.Length));
        Assert.Equal(Enumerable.Range(0, 301).Select(number => (long)number), disk.Batches.SelectMany(batch => batch));
    }

    [Fact]
    public async Task A_save_on_an_old_revision_is_answered_false_and_its_neighbours_true()
    {
        using var disk = new Disk { Refused = 2 };
        await using var commit = new GroupCommit(disk, Given.StoreHealth());

        var saves = await BatchOf(commit, disk, 1, 2, 3);
        disk.GoOn.Release();

        var outcomes = await Task.WhenAll(saves);
        Assert.Equal([true, false, true], outcomes);
    }

    [Fact]
    public async Task An_error_reaches_the_caller_to_blame_and_nobody_else()
    {
        using var disk = new Disk { Broken = 2, Error = new IOException("I/O error") };
        await using var commit = new GroupCommit(disk, Given.StoreHealth());

        var saves = await BatchOf(commit, disk, 1, 2, 3);
        disk.GoOn.Release(4);

        Assert.True(await saves[0]);
        Assert.Same(disk.Error, await Assert.ThrowsAsync<IOException>(() => saves[1]));
        Assert.True(await saves[2]);

        // The writer goes on.
        disk.GoOn.Release();
        Assert.True(await Save(commit, 4));
    }

    [Fact]
    public async Task A_store_that_is_locked_fails_the_batch_at_once()
    {
        using var disk = new Disk { Broken = 2, Error = new StoreUnavailableException("locked") };
        await using var commit = new GroupCommit(disk, Given.StoreHealth());

        var saves = await BatchOf(commit, disk, 1, 2, 3);
        disk.GoOn.Release();

        foreach (var save in saves)
            await Assert.ThrowsAsync<StoreUnavailableException>(() => save);
        Assert.Equal([[0]], disk.Batches);
    }

    [Fact]
    public async Task While_the_store_fails_one_probe_tries_it_and_every_save_is_refused_at_once()
    {
        using var disk = new Disk { Broken = 1, Error = new StoreUnavailableException("broken"), IsDead = true };
        var health = Given.StoreHealth();
        await using var commit = new GroupCommit(disk, health) { ProbeInterval = TimeSpan.FromMilliseconds(20) };
        disk.GoOn.Release();
        await Assert.ThrowsAsync<StoreUnavailableException>(() => Save(commit, 1));

        var refused = await Assert.ThrowsAsync<StoreUnavailableException>(() => Save(commit, 2));
        Assert.True(refused.NothingWritten);
        await disk.IsProbed.WaitAsync(_patience, Cancel);
        await disk.IsProbed.WaitAsync(_patience, Cancel);
        Assert.True(health.IsFailing);
        Assert.Empty(disk.Batches);

        disk.IsDead = false;
        await health.WhenWell.WaitAsync(_patience, Cancel);
        disk.GoOn.Release();
        Assert.True(await Save(commit, 3));
    }

    [Fact]
    public async Task Whatever_the_probe_fails_with_it_is_tried_again()
    {
        using var disk = new Disk { Broken = 1, Error = new StoreUnavailableException("broken"), IsDead = true };
        var health = Given.StoreHealth();
        await using var commit = new GroupCommit(disk, health) { ProbeInterval = TimeSpan.FromMilliseconds(20) };
        disk.GoOn.Release();
        await Assert.ThrowsAsync<StoreUnavailableException>(() => Save(commit, 1));

        disk.Error = new InvalidOperationException("could not serialize access");
        await disk.IsProbed.WaitAsync(_patience, Cancel);
        await disk.IsProbed.WaitAsync(_patience, Cancel);
        Assert.True(health.IsFailing);

        disk.IsDead = false;
        await health.WhenWell.WaitAsync(_patience, Cancel);
        disk.GoOn.Release();
        Assert.True(await Save(commit, 2));
    }

    [Fact]
    public async Task What_finds_no_room_together_is_tried_alone()
    {
        using var disk = new Disk { Broken = 2, Error = new StoreUnavailableException("full") { LacksRoom = true } };
        var health = Given.StoreHealth();
        await using var commit = new GroupCommit(disk, health) { ProbeInterval = TimeSpan.FromMilliseconds(20) };

        var saves = await BatchOf(commit, disk, 1, 2, 3);
        disk.GoOn.Release(4);

        Assert.True(await saves[0]);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => saves[1]);
        Assert.True(await saves[2]);
        await health.WhenWell.WaitAsync(_patience, Cancel);
    }

    [Fact]
    public async Task Conferences_that_exist_go_first_and_new_ones_keep_their_share()
    {
        using var disk = new Disk();
        await using var commit = new GroupCommit(disk, Given.StoreHealth());
        List<Task<bool>> saves = [Save(commit, 1000)];
        await disk.IsWriting.WaitAsync(_patience, Cancel);

        saves.AddRange(Enumerable.Range(0, 300).Select(_ => Save(commit, 0)));
        saves.AddRange(Enumerable.Range(1, 300).Select(number => Save(commit, number)));
        disk.GoOn.Release(4);
        await Task.WhenAll(saves);

        Assert.Equal([1, 256, 256, 88], disk.Batches.Select(batch => batch.Length));
        Assert.Equal([.. Enumerable.Range(1, 224), .. Enumerable.Repeat(0, 32)], disk.Batches[1].Select(each => (int)each));
        Assert.Equal(Enumerable.Range(225, 76), disk.Batches[2].Take(76).Select(each => (int)each));
    }

    [Fact]
    public async Task A_store_that_fails_can_be_closed()
    {
        using var disk = new Disk { Broken = 1, Error = new StoreUnavailableException("broken"), IsDead = true };
        var commit = new GroupCommit(disk, Given.StoreHealth()) { ProbeInterval = TimeSpan.FromMinutes(1) };
        disk.GoOn.Release();
        await Assert.ThrowsAsync<StoreUnavailableException>(() => Save(commit, 1));

        await commit.DisposeAsync().AsTask().WaitAsync(_patience, Cancel);
    }

    [Fact]
    public async Task A_full_queue_holds_callers_back_and_a_cancelled_one_is_not_written()
    {
        using var disk = new Disk();
        using var cancelling = new CancellationTokenSource();
        await using var commit = new GroupCommit(disk, Given.StoreHealth(), capacity: 2);

        var writing = Save(commit, 0);
        await disk.IsWriting.WaitAsync(_patience, Cancel);
        Task<bool>[] queued = [Save(commit, 1), Save(commit, 2)];
        var cancelled = commit.SaveAsync(Write(3), cancelling.Token).AsTask();
        var patient = Save(commit, 4);
        await cancelling.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.WaitAsync(_patience, Cancel));
        disk.GoOn.Release(3);
        await Task.WhenAll([writing, .. queued, patient]);
        Assert.Equal([0, 1, 2, 4], disk.Batches.SelectMany(batch => batch));
    }

    [Fact]
    public async Task Closing_writes_what_waits_and_takes_no_more()
    {
        using var disk = new Disk();
        var commit = new GroupCommit(disk, Given.StoreHealth());
        var saves = await BatchOf(commit, disk, 1, 2);

        var closing = commit.DisposeAsync().AsTask();
        Assert.False(closing.IsCompleted);
        disk.GoOn.Release();
        await closing.WaitAsync(_patience, Cancel);

        Assert.All(await Task.WhenAll(saves), Assert.True);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => Save(commit, 3));
    }

    /// <summary>Puts saves into one batch: they queue up while the disk is busy with another.</summary>
    private static async Task<Task<bool>[]> BatchOf(GroupCommit commit, Disk disk, params long[] numbers)
    {
        var first = Save(commit, 0);
        await disk.IsWriting.WaitAsync(_patience, Cancel);
        Task<bool>[] saves = [.. numbers.Select(number => Save(commit, number))];
        disk.GoOn.Release();
        Assert.True(await first);
        return saves;
    }

    private static Task<bool> Save(GroupCommit commit, long number) =>
        commit.SaveAsync(Write(number), Cancel).AsTask().WaitAsync(_patience, Cancel);

    private static ConferenceSave Write(long number) =>
        new(new("room"), number, StoredChanges.Of(new("room"), 0, new() { Head = null }));

    /// <summary>Writes when it is let; the expected revision numbers the saves.</summary>
    private sealed class Disk : IStoreWriter, IDisposable
    {
        public SemaphoreSlim IsWriting { get; } = new(0);

        public SemaphoreSlim GoOn { get; } = new(0);

        public List<long[]> Batches { get; } = [];

        public long Refused { get; init; } = -1;

        public long Broken { get; init; } = -1;

        public Exception? Error { get; set; }

        /// <summary>Probes fail.</summary>
        public bool IsDead { get; set; }

        public SemaphoreSlim IsProbed { get; } = new(0);

        public void Tidy(bool hasTime)
        {
        }

        public void Probe()
        {
            IsProbed.Release();
            if (IsDead)
                throw Error!;
        }

        public void Write(IReadOnlyList<StoreWrite> writes)
        {
            ConferenceSave[] batch = [.. writes.Cast<ConferenceSave>()];
            IsWriting.Release();
            if (!GoOn.Wait(_patience, CancellationToken.None))
                throw new TimeoutException();

            if (batch.Any(save => save.ExpectedRevision == Broken))
                throw Error!;

            Batches.Add([.. batch.Select(save => save.ExpectedRevision)]);
            foreach (var save in batch)
                save.IsSaved = save.ExpectedRevision != Refused;
        }

        public void Dispose()
        {
            IsWriting.Dispose();
            GoOn.Dispose();
            IsProbed.Dispose();
        }
    }
}
