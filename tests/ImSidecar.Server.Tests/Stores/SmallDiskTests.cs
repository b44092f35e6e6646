using System.Diagnostics;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Deferred;
using ImSidecar.Server.Stores;
using ImSidecar.Server.Stores.Deferred;
using ImSidecar.Server.Stores.Sqlite;
using ImSidecar.Server.Tests.Stores.Deferred;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImSidecar.Server.Tests.Stores;

/// <summary>
/// A disk of a few MB that only one process sees: what does not fit is refused, what is stored stays, and it goes on when
/// there is room. And one that cannot be written at all. Only root can mount them; others skip this.
/// </summary>
public sealed class SmallDiskTests
{
    private const string Folder = "IMSIDECAR_TESTS_SMALL_DISK";
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(nameof(Sessions_are_refused_and_kept))]
    [InlineData(nameof(Messages_are_refused_and_kept))]
    [InlineData(nameof(A_disk_that_cannot_be_written_is_named))]
    public async Task On_a_disk_of_its_own(string test)
    {
        Assert.SkipUnless(Environment.UserName == "root", "Only root can mount a disk");
        var folder = Directory.CreateTempSubdirectory("small-disk-").FullName;
        var self = Environment.ProcessPath!;
        var start = new ProcessStartInfo("unshare", ["--mount", "--propagation", "private", self])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (Path.GetFileNameWithoutExtension(self) == "dotnet")
            start.ArgumentList.Add(GetType().Assembly.Location);
        start.ArgumentList.Add("-method");
        start.ArgumentList.Add($"{GetType().FullName}.{test}");
        start.Environment[Folder] = folder;

        // The disk goes with the process.
        using var child = Process.Start(start)!;
        var output = child.StandardOutput.ReadToEndAsync(Cancel);
        await child.WaitForExitAsync(Cancel);
        Directory.Delete(folder);

        Assert.True(child.ExitCode == 0, await output + await child.StandardError.ReadToEndAsync(Cancel));
    }

    [Fact]
    public async Task Sessions_are_refused_and_kept()
    {
        if (MountIn() is not { } folder)
            return;

        var file = Path.Combine(folder, "imsidecar.db");
        var ballast = Ballast(folder);
        var health = Given.StoreHealth();
        List<string> saved = [];
        await using (var store = new SqliteConferenceStore(SqliteDatabase.Open(file), health))
        {
            var isFull = false;
            for (var i = 0; !isFull && i < 10_000; i++)
            {
                try
                {
                    Assert.True(await SaveAsync(store, Room(i)));
                    saved.Add(Room(i));
                }
                catch (StoreUnavailableException)
                {
                    isFull = true;
                }
            }

            Assert.True(isFull && health.IsFailing, "The disk is larger than it should be");
            Assert.NotEmpty(saved);
            foreach (var room in saved)
                Assert.NotNull(await store.LoadAsync(new(room), Cancel));

            File.Delete(ballast);
            await health.WhenWell.WaitAsync(_patience, Cancel);
            Assert.True(await SaveAsync(store, Room(20_000)));
            saved.Add(Room(20_000));
        }

        await using var again = new SqliteConferenceStore(SqliteDatabase.Open(file), Given.StoreHealth());
        foreach (var room in saved)
            Assert.NotNull(await again.LoadAsync(new(room), Cancel));
    }

    [Fact]
    public async Task Messages_are_refused_and_kept()
    {
        if (MountIn() is not { } folder)
            return;

        var ballast = Ballast(folder);
        var health = Given.StoreHealth();
        var kept = 0;
        await using (var store = Open(folder, health))
        {
            var isFull = false;
            for (var i = 0; !isFull && i < 10_000; i++)
            {
                try
                {
                    Assert.Equal(Deferral.Kept, await KeepAsync(store, $"k{i}"));
                    kept++;
                }
                catch (StoreUnavailableException)
                {
                    isFull = true;
                }
            }

            Assert.True(isFull && health.IsFailing, "The disk is larger than it should be");
            Assert.Equal(kept, (await store.CountAllAsync(Cancel)).Messages);

            File.Delete(ballast);
            await health.WhenWell.WaitAsync(_patience, Cancel);
            Assert.Equal(Deferral.Kept, await KeepAsync(store, "late"));
        }

        await using var again = Open(folder, Given.StoreHealth());
        Assert.Equal(kept + 1, (await again.CountAllAsync(Cancel)).Messages);
    }

    [Fact]
    public void A_disk_that_cannot_be_written_is_named()
    {
        if (MountIn() is not { } folder)
            return;

        var file = Path.Combine(folder, "imsidecar.db");
        SqliteDatabase.Open(file).Dispose();
        Run("mount", "-o", "remount,ro", folder);

        var error = Assert.Throws<StoreUnavailableException>(() => SqliteDatabase.Open(file));
        Assert.StartsWith($"Store:Path: cannot use {file}: ", error.Message, StringComparison.Ordinal);
        Assert.Contains("read-only", error.Message, StringComparison.OrdinalIgnoreCase);

        error = Assert.Throws<StoreUnavailableException>(() => Open(folder, Given.StoreHealth()));
        Assert.StartsWith("DeferredStore:Connection: cannot use ", error.Message, StringComparison.Ordinal);
        Assert.Contains("read-only", error.Message, StringComparison.OrdinalIgnoreCase);
    }

    // In the suite there is no disk, and nothing to do.
    private static string? MountIn()
    {
        if (Environment.GetEnvironmentVariable(Folder) is not { } folder)
            return null;

        Run("mount", "-t", "tmpfs", "-o", "size=4m", "none", folder);
        return folder;
    }

    private static void Run(string command, params string[] arguments)
    {
        using var process = Process.Start(command, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    private static string Ballast(string folder)
    {
        var path = Path.Combine(folder, "ballast");
        File.WriteAllBytes(path, new byte[1536 * 1024]);
        return path;
    }

    private static string Room(int number) => $"room{number:D22}";

    private static ValueTask<bool> SaveAsync(SqliteConferenceStore store, string room)
    {
        var conference = Sample.Conference(room) with { ForgetAt = null };
        return store.TrySaveAsync(conference.Id, 0, ConferenceChanges.Between(null, conference), Cancel);
    }

    private static DeferredMessageStore Open(string folder, StoreHealth health) => DeferredStoreServices.Open(
        new(), new() { Path = Path.Combine(folder, "imsidecar.db") }, health, NullLogger<DeferredMessageStore>.Instance);

    private static ValueTask<Deferral> KeepAsync(DeferredMessageStore store, string key) => store.AddAsync(
        DeferredSample.Message(key, size: 8192), new DeferralQuota(100_000, 1L << 40, 1_000_000, 1L << 40), Cancel);
}
