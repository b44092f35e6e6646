using System.Buffers.Binary;
using System.Diagnostics;
using System.Net.Sockets;
using ImSidecar.Core.Conferences;
using ImSidecar.Server.Stores.Sqlite;

namespace ImSidecar.Server.Tests.Stores;

/// <summary>A process that is killed has lost nothing that it was told is saved.</summary>
public sealed class DurabilityTests
{
    private const string FolderOfChild = "IMSIDECAR_TESTS_STORE_CHILD";
    internal const int Writers = 8;
    private const int FrameLength = 8;
    internal const int SavesBeforeKill = 400;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_acknowledged_before_kill_9_is_there_afterwards()
    {
        var folder = Directory.CreateTempSubdirectory("store-test-").FullName;
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(SocketOf(folder)));
        listener.Listen();
        using var child = ChildTest.Start(
            GetType(), nameof(What_was_acknowledged_is_there_after_a_stop), FolderOfChild, folder);
        try
        {
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
            timeout.CancelAfter(_patience);
            using var connection = await listener.AcceptAsync(timeout.Token);
            var acknowledged = await ReadAndKillAsync(connection, child, timeout.Token);

            Assert.True(acknowledged.Sum() >= SavesBeforeKill);
            await CheckAsync(folder, acknowledged);
        }
        finally
        {
            child.Kill();
            await child.WaitForExitAsync(Cancel);
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The process that is killed runs this one test, endlessly; in the suite it ends.</summary>
    [Fact]
    public async Task What_was_acknowledged_is_there_after_a_stop()
    {
        if (Environment.GetEnvironmentVariable(FolderOfChild) is { } folderOfChild)
        {
            using var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await connection.ConnectAsync(new UnixDomainSocketEndPoint(SocketOf(folderOfChild)), Cancel);
            await SaveAsync(folderOfChild, int.MaxValue, frame => connection.SendAsync(frame, Cancel));
            return;
        }

        var folder = Directory.CreateTempSubdirectory("store-test-").FullName;
        await SaveAsync(folder, saves: 20, frame => ValueTask.FromResult(frame.Length));
        await CheckAsync(folder, [.. Enumerable.Repeat(20L, Writers)]);
        Directory.Delete(folder, recursive: true);
    }

    private static async Task CheckAsync(string folder, long[] acknowledged)
    {
        await using var store = new SqliteConferenceStore(SqliteDatabase.Open(FileOf(folder)), Given.StoreHealth());
        await CheckAsync(store, acknowledged);
    }

    internal static async Task CheckAsync(IAggregateStore store, long[] acknowledged)
    {
        for (var writer = 0; writer < Writers; writer++)
        {
            var stored = await store.LoadAsync(new("room-" + writer), Cancel);
            Assert.InRange(stored?.Conference.Revision ?? 0, acknowledged[writer], acknowledged[writer] + 1);

            // Head, part and effect of one save are all there or none of them.
            Assert.Equal(stored?.Conference.Revision, stored?.Conference.Participants["p1"].ChangedAt);
            Assert.Equal(stored?.Conference.Revision, stored?.Pending.Single().Number);
        }
    }

    private static async Task SaveAsync(string folder, int saves, Func<byte[], ValueTask<int>> acknowledge)
    {
        await using var store = new SqliteConferenceStore(SqliteDatabase.Open(FileOf(folder)), Given.StoreHealth());
        await SaveAsync(store, saves, acknowledge);
    }

    internal static async Task SaveAsync(IAggregateStore store, int saves, Func<byte[], ValueTask<int>> acknowledge)
    {
        var writers = Enumerable.Range(0, Writers).Select(writer => SaveAsync(store, writer, saves, acknowledge));
        await Task.WhenAll(writers);
    }

    private static async Task SaveAsync(
        IAggregateStore store, int writer, int saves, Func<byte[], ValueTask<int>> acknowledge)
    {
        Conference? before = null;
        for (var revision = 1; revision <= saves; revision++)
        {
            var after = (before ?? Sample.Conference("room-" + writer)) with { Revision = revision };
            after = after with
            {
                Participants = after.Participants.Set(Sample.Inviter() with { ChangedAt = revision }),
            };
            var changes = ConferenceChanges.Between(before, after) with
            {
                AddedEffects = [new(revision, Sample.Effects[0])],
                DoneEffects = [revision - 1],
            };
            Assert.True(await store.TrySaveAsync(after.Id, revision - 1, changes, Cancel));

            var frame = new byte[FrameLength];
            BinaryPrimitives.WriteInt32LittleEndian(frame, writer);
            BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(4), revision);
            await acknowledge(frame);
            before = after;
        }
    }

    /// <summary>The last revision that each writer said was saved; the child dies in the middle of its work.</summary>
    internal static async Task<long[]> ReadAndKillAsync(Socket connection, Process child, CancellationToken cancellation)
    {
        var acknowledged = new long[Writers];
        await using var stream = new NetworkStream(connection);
        var frame = new byte[FrameLength];
        for (var count = 0; ; count++)
        {
            if (count == SavesBeforeKill)
                child.Kill();
            var read = await stream.ReadAtLeastAsync(frame, FrameLength, throwOnEndOfStream: false, cancellation);
            if (read < FrameLength)
                return acknowledged;

            var writer = BinaryPrimitives.ReadInt32LittleEndian(frame);
            acknowledged[writer] = BinaryPrimitives.ReadInt32LittleEndian(frame.AsSpan(4));
        }
    }

    private static string FileOf(string folder) => Path.Combine(folder, "conferences.db");

    private static string SocketOf(string folder) => Path.Combine(folder, "acks.sock");
}
