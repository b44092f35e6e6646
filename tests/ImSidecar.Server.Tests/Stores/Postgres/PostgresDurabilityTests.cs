using System.Net.Sockets;
using ImSidecar.Server.Tests.Stores.Deferred;

namespace ImSidecar.Server.Tests.Stores.Postgres;

/// <summary>A process that is killed has lost nothing that it was told is saved in PostgreSQL.</summary>
[Collection(nameof(PostgresServer))]
public sealed class PostgresDurabilityTests(PostgresServer server) : IAsyncLifetime
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly PostgresSchemaOfTest _schema = new(server);
    private readonly string _folder = Directory.CreateTempSubdirectory("store-test-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Answers => Path.Combine(_folder, "answers");

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return _schema.DisposeAsync();
    }

    [Fact]
    public async Task What_was_acknowledged_before_kill_9_is_there_afterwards()
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(Answers));
        listener.Listen();
        using var child = ChildTest.Start(
            typeof(PostgresDurabilityChild), nameof(PostgresDurabilityChild.What_is_saved_is_told_until_somebody_kills_us),
            PostgresDurabilityChild.Place, string.Join('|', server.Connection, _schema.Name, Answers));
        try
        {
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
            timeout.CancelAfter(_patience);
            using var answers = await listener.AcceptAsync(timeout.Token);
            var acknowledged = await DurabilityTests.ReadAndKillAsync(answers, child, timeout.Token);

            Assert.True(acknowledged.Sum() >= DurabilityTests.SavesBeforeKill);
            await DurabilityTests.CheckAsync(_schema.Open().Aggregates, acknowledged);
        }
        finally
        {
            child.Kill();
            await child.WaitForExitAsync(Cancel);
        }
    }
}
