using System.Net.Sockets;
using ImSidecar.Server.Stores.Postgres;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImSidecar.Server.Tests.Stores.Postgres;

/// <summary>
/// What <see cref="PostgresDurabilityTests"/> kills: apart from them, for it must not start a PostgreSQL of its own.
/// </summary>
public sealed class PostgresDurabilityChild
{
    internal const string Place = "IMSIDECAR_TESTS_POSTGRES_CHILD";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>The process that is killed runs this one test, endlessly; in the suite it has nothing to do.</summary>
    [Fact]
    public async Task What_is_saved_is_told_until_somebody_kills_us()
    {
        if (Environment.GetEnvironmentVariable(Place)?.Split('|')
            is not [var connection, var schema, var socket])
            return;

        using var answers = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await answers.ConnectAsync(new UnixDomainSocketEndPoint(socket), Cancel);
        var place = PostgresPlace.Of(new() { Connection = connection, Schema = schema })!;
        await using var store = PostgresStore.Open(place, Given.StoreHealth(), NullLogger.Instance);
        await DurabilityTests.SaveAsync(
            store.Aggregates, int.MaxValue, frame => answers.SendAsync(frame, SocketFlags.None, Cancel));
    }
}
