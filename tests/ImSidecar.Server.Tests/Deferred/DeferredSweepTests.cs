using ImSidecar.Core.Conferences;
using ImSidecar.Core.Deferred;
using ImSidecar.Grpc.Health;
using ImSidecar.Protocol.Sip;
using ImSidecar.Server.Cluster;
using ImSidecar.Server.Deferred;
using ImSidecar.Server.Hosting;
using ImSidecar.Server.Stores.Sqlite;
using ImSidecar.Server.Tests.Hosting;
using ImSidecar.Server.Tests.Stores.Deferred;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImSidecar.Server.Tests.Deferred;

/// <summary>What has expired goes.</summary>
public sealed class DeferredSweepTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sweep-test-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task However_much_has_expired_goes_at_once()
    {
        var time = new ManualTime();
        var file = SqliteDatabase.Open(Path.Combine(_folder, "conferences.db"));
        await using var store = new SqliteConferenceStore(file, Given.StoreHealth());
        using var node = new ScriptedLink(store, time: time);
        for (var i = 0; i < 700; i++)
        {
            var message = DeferredSample.Message($"key-{i}") with { ExpiresAt = time.GetUtcNow() };
            await node.Messages.AddAsync(message, DeferralQuota.None, Cancel);
        }

        var recovery = new Recovery(store, node.Router, new HealthBoard(), new Alone(), NullLogger<Recovery>.Instance);
        await recovery.StartAsync(Cancel);
        await recovery.Done;
        _ = SipUri.TryParse("sip:conf-factory@im.example.com", out var factory);
        var policy = new OperatorPolicy
        {
            ConferenceFactory = factory,
            Domains = ["im.example.com"],
            GroupDomain = "groups.example.com",
            ReleaseVersion = "IM-serv/OMA1.0",
            MsrpHost = "127.0.0.1",
            MsrpPort = 2855,
            Participating = new() { Domains = ["example.com"] },
        };
        using var sweep = new DeferredSweep(
            node.Messages, node.Router, new(new(new byte[32]), policy), recovery, policy, time,
            NullLogger<DeferredSweep>.Instance);

        // The clock stands still: there is no second round.
        await sweep.StartAsync(Cancel);
        for (var tries = 0; node.Messages.Messages.Count > 0 && tries < 1500; tries++)
            await Task.Delay(20, Cancel);
        await sweep.StopAsync(Cancel);

        Assert.Empty(node.Messages.Messages);
    }
}
