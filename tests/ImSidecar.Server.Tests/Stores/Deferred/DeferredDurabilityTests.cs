using System.Buffers.Binary;
using System.Diagnostics;
using System.Net.Sockets;
using ImSidecar.Server.Stores.Deferred;
using static ImSidecar.Server.Tests.Stores.Deferred.DeferredDurabilityChild;
using static ImSidecar.Server.Tests.Stores.Deferred.DeferredSample;

namespace ImSidecar.Server.Tests.Stores.Deferred;

/// <summary>A process that is killed has lost no message that it was told is kept, and brings none back.</summary>
[Collection(nameof(PostgresServer))]
public sealed class DeferredDurabilityTests(PostgresServer server)
{
    private const int AnswersBeforeKill = 400;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_was_answered_before_kill_9_is_so_afterwards(bool isPostgres)
    {
        var folder = Directory.CreateTempSubdirectory("store-test-").FullName;
        var connection = isPostgres ? server.Connection : $"Data Source={Path.Combine(folder, "deferred.db")}";
        var schema = "t_" + Guid.NewGuid().ToString("N");
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(Path.Combine(folder, "answers")));
        listener.Listen();
        using var child = ChildTest.Start(
            typeof(DeferredDurabilityChild),
            nameof(DeferredDurabilityChild.What_is_answered_is_told_until_somebody_kills_us),
            DeferredDurabilityChild.Place,
            string.Join('|', connection, schema, Path.Combine(folder, "answers")));
        try
        {
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
            timeout.CancelAfter(_patience);
            using var answers = await listener.AcceptAsync(timeout.Token);
            var last = await ReadAndKillAsync(answers, child, timeout.Token);

            await CheckAsync(Open(connection, schema), last);
        }
        finally
        {
            child.Kill();
            await child.WaitForExitAsync(Cancel);
            Directory.Delete(folder, recursive: true);
            await server.RunAsync($"DROP SCHEMA IF EXISTS {schema} CASCADE");
        }
    }

    private static async Task CheckAsync(DeferredMessageStore store, int[] last)
    {
        await using (store)
        {
            var notices = 0;
            foreach (var (writer, step) in last.Index())
            {
                var messages = await store.ReadAsync(User(writer), 0, 100, long.MaxValue, Now, Cancel);
                var numbers = messages.Select(message => message.Number).ToArray();
                // The step after the last answered one may have been done too.
                Assert.Contains(numbers, new[] { After(step), After(step + 1) });
                Assert.Equal(numbers.Length, (await store.CountAsync(User(writer), Cancel)).Messages);
                notices += (int)numbers[0] - 1;
            }

            Assert.Equal(notices, (await store.NoticesAsync(int.MaxValue, Cancel)).Length);
        }
    }

    private static long[] After(int step)
    {
        var number = (step + 1) / 2;
        return step % 2 == 0 || number == 1 ? [number] : [number - 1, number];
    }

    /// <summary>The last step that each writer said was done; the child dies in the middle of its work.</summary>
    private static async Task<int[]> ReadAndKillAsync(Socket answers, Process child, CancellationToken cancellation)
    {
        var last = new int[Writers];
        await using var stream = new NetworkStream(answers);
        var frame = new byte[FrameLength];
        for (var count = 0; ; count++)
        {
            if (count == AnswersBeforeKill)
                child.Kill();
            var read = await stream.ReadAtLeastAsync(frame, FrameLength, throwOnEndOfStream: false, cancellation);
            if (read < FrameLength)
                return last;

            var writer = BinaryPrimitives.ReadInt32LittleEndian(frame);
            last[writer] = BinaryPrimitives.ReadInt32LittleEndian(frame.AsSpan(4));
        }
    }
}
