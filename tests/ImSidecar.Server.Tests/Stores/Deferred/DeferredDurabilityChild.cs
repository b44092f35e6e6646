using System.Buffers.Binary;
using System.Net.Sockets;
using ImSidecar.Core.Deferred;
using ImSidecar.Server.Stores.Deferred;
using Microsoft.Extensions.Logging.Abstractions;
using static ImSidecar.Server.Tests.Stores.Deferred.DeferredSample;

namespace ImSidecar.Server.Tests.Stores.Deferred;

/// <summary>
/// What <see cref="DeferredDurabilityTests"/> kills: apart from them, for it must not start a PostgreSQL of its own.
/// </summary>
public sealed class DeferredDurabilityChild
{
    internal const string Place = "IMSIDECAR_TESTS_DEFERRED_CHILD";
    internal const int Writers = 8;
    internal const int FrameLength = 8;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>The process that is killed runs this one test, endlessly; in the suite it has nothing to do.</summary>
    [Fact]
    public async Task What_is_answered_is_told_until_somebody_kills_us()
    {
        if (Environment.GetEnvironmentVariable(Place)?.Split('|')
            is not [var connection, var schema, var socket])
            return;

        using var answers = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await answers.ConnectAsync(new UnixDomainSocketEndPoint(socket), Cancel);
        var store = Open(connection, schema);
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            for (var step = 1; ; step++)
            {
                await DoAsync(store, writer, step);
                var frame = new byte[FrameLength];
                BinaryPrimitives.WriteInt32LittleEndian(frame, writer);
                BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(4), step);
                await answers.SendAsync(frame, Cancel);
            }
        })));
    }

    internal static string User(int writer) => "sip:u" + writer;

    internal static DeferredMessageStore Open(string connection, string schema) => DeferredStoreServices.Open(
        new() { Connection = connection, Schema = schema }, new() { Path = "/nowhere/imsidecar.db" }, Given.StoreHealth(),
        NullLogger<DeferredMessageStore>.Instance);

    // Message n is added in step 2n - 1; in step 2n, n - 1 is removed.
    private static async Task DoAsync(DeferredMessageStore store, int writer, int step)
    {
        var number = (step + 1) / 2;
        if (step % 2 == 0)
            await store.RemoveAsync(User(writer), [number - 1], DeferredEnd.Delivered, Now, Cancel);
        else
            Assert.Equal(
                Deferral.Kept,
                await store.AddAsync(
                    Message("k" + number, User(writer)) with { Notices = AllNotices }, DeferralQuota.None, Cancel));
    }
}
