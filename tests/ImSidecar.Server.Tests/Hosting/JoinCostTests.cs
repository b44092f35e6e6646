using ImSidecar.Core.Conferences;
using ImSidecar.Server.Gateway.V1;
using ImSidecar.Server.Stores;
using ImSidecar.Server.Tests.Stores;
using Kind = ImSidecar.Server.Gateway.V1.SipAction.ActionOneofCase;

namespace ImSidecar.Server.Tests.Hosting;

/// <summary>What a join costs on disk: the rows of who joins, never those of who is there already.</summary>
public class JoinCostTests
{
    private const int Watched = 5;

    [Fact]
    public async Task A_join_writes_as_much_in_a_conference_of_10_as_of_100_and_1000()
    {
        double[] bytes = [await BytesPerJoinAsync(10, 200), await BytesPerJoinAsync(100, 200), await BytesPerJoinAsync(1000, 200)];

        TestContext.Current.TestOutputHelper?.WriteLine($"bytes per join at 10, 100, 1000: {string.Join(", ", bytes)}");
        Assert.InRange(bytes.Max(), 500, bytes.Min() * 1.1);
    }

    [Fact]
    public async Task Those_who_refused_before_make_a_join_no_dearer()
    {
        var few = await BytesPerJoinAsync(10, 486);
        var many = await BytesPerJoinAsync(1000, 486);

        Assert.InRange(many, 500, few * 1.1);
    }

    // Everybody but the last few answers so; what the last ones' joins write, on average.
    private static async Task<double> BytesPerJoinAsync(int participants, uint othersAnswer)
    {
        var store = new MeasuringStore();
        using var node = new ScriptedLink(store, policy => policy with { MaxAdHocParticipants = 1000 });
        await node.SendAsync(ScriptedLink.LargeInvite(participants - 1));
        var invites = new List<Originate>();
        while (invites.Count < participants - 1)
            invites.Add((await node.NextAsync(Kind.Originate)).Originate);

        // One is in before all others refuse, or there were no session to join.
        await AcceptAsync(node, invites[0]);
        foreach (var invite in invites.Skip(1).SkipLast(Watched))
        {
            if (othersAnswer == 200)
                await AcceptAsync(node, invite);
            else
                await node.SendAsync(ScriptedLink.Answers(invite, othersAnswer));
        }

        await node.Router.DrainAsync(CancellationToken.None);
        var before = store.Bytes;
        foreach (var invite in invites.TakeLast(Watched))
        {
            await AcceptAsync(node, invite);
            await node.Router.DrainAsync(CancellationToken.None);
        }

        return (store.Bytes - before) / (double)Watched;
    }

    private static async Task AcceptAsync(ScriptedLink node, Originate invite)
    {
        await node.SendAsync(ScriptedLink.Accepts(invite, "tag" + invite.ActionKey.Split('/')[1].PadLeft(5, '0')));
        await node.NextAsync(action => action.Ack?.InviteKey == invite.ActionKey);
    }

    /// <summary>Counts what the rows hold that a save writes.</summary>
    private sealed class MeasuringStore : IAggregateStore
    {
        private readonly InMemoryConferenceStore _store = new();
        private long _bytes;

        public long Bytes => Interlocked.Read(ref _bytes);

        public ValueTask<StoredAggregate?> LoadAsync(AggregateId id, CancellationToken cancellation) =>
            _store.LoadAsync(id, cancellation);

        public ValueTask<bool> TrySaveAsync(
            AggregateId id, long expectedRevision, AggregateChanges changes, CancellationToken cancellation)
        {
            var rows = StoredChanges.Of(id, expectedRevision, changes);
            Interlocked.Add(ref _bytes, (rows.Head?.Length ?? 0) + rows.Written.Sum(part => part.Body.Length));
            return _store.TrySaveAsync(id, expectedRevision, changes, cancellation);
        }

        public IAsyncEnumerable<AggregateId> ActiveAsync(CancellationToken cancellation) =>
            _store.ActiveAsync(cancellation);
    }
}
