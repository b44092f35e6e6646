using ImSidecar.Core.Conferences;
using ImSidecar.Grpc.Health;
using ImSidecar.Server.Cluster;
using ImSidecar.Server.Gateway.V1;
using ImSidecar.Server.Hosting;
using ImSidecar.Server.Stores.Sqlite;
using ImSidecar.Server.Tests.Stores;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImSidecar.Server.Tests.Hosting;

/// <summary>The start of a node over a file of an earlier one.</summary>
public sealed class RecoveryTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("recovery-test-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string FileName => Path.Combine(_folder, "conferences.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_stored_conference_that_cannot_be_read_is_set_aside_and_the_node_starts()
    {
        string[] rooms = ["aaaaaaaaaaaaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbbbbbbbbbbbb"];
        await using (var store = new SqliteConferenceStore(SqliteDatabase.Open(FileName), Given.StoreHealth()))
        {
            foreach (var room in rooms)
            {
                var conference = Sample.Conference(room) with { ForgetAt = null };
                await store.TrySaveAsync(conference.Id, 0, ConferenceChanges.Between(null, conference), Cancel);
            }
        }

        Spoil(rooms[0]);
        await using (var store = new SqliteConferenceStore(SqliteDatabase.Open(FileName), Given.StoreHealth()))
        {
            using var node = new ScriptedLink(store);
            var recovery = new Recovery(store, node.Router, new HealthBoard(), new Alone(), NullLogger<Recovery>.Instance);

            await recovery.StartAsync(Cancel);
            await recovery.Done.WaitAsync(Cancel);
            Assert.Equal(1, node.Router.Count);

            var invite = ScriptedLink.GroupInvite();
            invite.Request.Uri = $"sip:{rooms[0]}@im.example.com";
            await node.SendAsync(invite);
            Assert.Equal(500u, (await node.NextAsync(SipAction.ActionOneofCase.Reply)).Reply.Code);
            await node.Router.DrainAsync(Cancel);
        }

        Assert.Equal(2L, Scalar("SELECT count(*) FROM conference"));
        Assert.Equal("{ spoiled", Scalar("SELECT CAST(body AS TEXT) FROM conference WHERE number = 1"));
    }

    private void Spoil(string room) => Scalar($"UPDATE conference SET body = X'7B2073706F696C6564' WHERE id = '{room}'");

    private object? Scalar(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={FileName};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
