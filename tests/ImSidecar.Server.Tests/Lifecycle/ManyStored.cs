using ImSidecar.Core.Conferences;
using ImSidecar.Server.Gateway.V1;
using ImSidecar.Server.Stores.Sqlite;
using ImSidecar.Server.Tests.Hosting;
using ImSidecar.Server.Tests.Stores;
using Kind = ImSidecar.Server.Gateway.V1.SipAction.ActionOneofCase;

namespace ImSidecar.Server.Tests.Lifecycle;

/// <summary>A store as a killed node leaves it: many sessions of five who have talked.</summary>
internal static class ManyStored
{
    private const int AtOnce = 64;
    private const int Invited = 4;

    public static async Task WriteAsync(string file, int count, CancellationToken cancellation)
    {
        var model = await ModelAsync();
        await using var store = new SqliteConferenceStore(SqliteDatabase.Open(file), Given.StoreHealth());
        await Parallel.ForEachAsync(
            Enumerable.Range(0, count),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation },
            async (number, token) =>
            {
                var conference = Copy(model, number);
                Assert.True(await store.TrySaveAsync(
                    conference.Id, 0, ConferenceChanges.Between(null, conference), token));
            });
    }

    // One that went through the rules: all are in, nothing is pending.
    private static async Task<Conference> ModelAsync()
    {
        var store = new InMemoryConferenceStore();
        using var node = new ScriptedLink(store);
        await node.SendAsync(ScriptedLink.LargeInvite(Invited));
        for (var i = 0; i < Invited; i++)
        {
            var invite = (await node.NextAsync(Kind.Originate)).Originate;
            Assert.Equal("INVITE", invite.Method);
            await node.SendAsync(ScriptedLink.Accepts(invite, "callee" + i));
        }

        Assert.Equal(200u, (await node.NextAsync(each => each.Reply is { Code: >= 200 })).Reply.Code);
        await node.SendAsync(new SipEvent
        {
            Acknowledged = new()
            {
                Transaction = "t1",
                Dialog = new() { CallId = "call-1", FromTag = "their-tag", ToTag = "our-tag", Cseq = 1 },
            },
        });
        await node.Router.DrainAsync(CancellationToken.None);
        var conference = (await store.SingleAsync()).Conference;
        Assert.Equal(Invited + 1, conference.Participants.Count);
        return conference;
    }

    private static Conference Copy(Conference model, int number) => model with
    {
        Id = new($"{number:D26}"),
        Participants = ParticipantTable.Of(model.Participants.Values.Select(each => each with
        {
            Leg = each.Leg with
            {
                Media = each.Leg.Media with
                {
                    SessionId = $"{number}x{each.Leg.Media.SessionId}",
                    LocalUri = each.Leg.Media.LocalUri.Replace(
                        each.Leg.Media.SessionId, $"{number}x{each.Leg.Media.SessionId}", StringComparison.Ordinal),
                },
            },
        })),
    };
}
