using ImSidecar.Server.Gateway.V1;
using ImSidecar.Server.Stores;
using ImSidecar.Server.Tests.Hosting;
using ImSidecar.Server.Tests.Stores.Deferred;
using Kind = ImSidecar.Server.Gateway.V1.SipAction.ActionOneofCase;

namespace ImSidecar.Server.Tests.Stores.Postgres;

/// <summary>What callers see when the server of PostgreSQL is away: an answer at once, and a session that goes on.</summary>
[Collection(nameof(PostgresServer))]
public sealed class PostgresNodeTests(PostgresServer server) : IAsyncLifetime
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private readonly PostgresSchemaOfTest _schema = new(server);
    private readonly StoreHealth _health = Given.StoreHealth();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _schema.DisposeAsync();

    [Fact]
    public async Task A_failover_costs_requests_a_503_and_no_session()
    {
        using var node = new ScriptedLink(_schema.Open(_health).Aggregates, health: _health);
        await node.SendAsync(ScriptedLink.GroupInvite());
        var invite = (await node.NextAsync(Kind.Originate)).Originate;
        await node.Router.DrainAsync(Cancel);

        await server.CrashAsync();
        await node.SendAsync(ScriptedLink.Accepts(invite, "bob"));
        while (!_health.IsFailing)
            await Task.Delay(20, Cancel);
        await node.SendAsync(ScriptedLink.Calls("sip:skiers@groups.example.com", "dave"));
        var refused = (await node.NextAsync(Kind.Reply)).Reply;
        Assert.Equal(("t-dave", 503u), (refused.Transaction, refused.Code));
        Assert.Contains(refused.Headers, header => header.Name == "Retry-After");

        await server.StartAsync();
        await _health.WhenWell.WaitAsync(_patience, Cancel);
        Assert.Equal("bob", (await node.NextAsync(Kind.Ack)).Ack.ToTag);
        Assert.Equal(200u, (await node.NextAsync(Kind.Reply)).Reply.Code);
        await node.Router.DrainAsync(Cancel);
        Assert.Equal(0, node.Admission.EventsInWork);
    }
}
