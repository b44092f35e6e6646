using ImSidecar.Core.Conferences;
using ImSidecar.Server.Cluster;
using ImSidecar.Server.Tests.Stores.Deferred;
using Npgsql;

namespace ImSidecar.Server.Tests.Cluster;

/// <summary>Nodes come, go, die and come back; a slot never has two owners, and soon one.</summary>
[Collection(nameof(ClusterAlone))]
public class ClusterTests(PostgresServer server)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_after_the_other_joins_and_gets_its_share_in_steps()
    {
        await using var scene = await ClusterScene.StartAsync(server);
        var a = await scene.StartAsync("a");
        await ClusterScene.BalancedAsync(a);
        a.Holder.GiveUpTakes = TimeSpan.FromMilliseconds(5);

        var b = await scene.StartAsync("b");
        await ClusterScene.BalancedAsync(a, b);
        var c = await scene.StartAsync("c");
        await ClusterScene.BalancedAsync(a, b, c);

        Assert.All((ClusterMember[])[a, b, c], each => Assert.InRange(each.Share, 1024 / 3 * 0.8, 1024 / 3 * 1.2));
        Assert.All(a.Holder.GivenUp, count => Assert.InRange(count, 1, ClusterScene.Options.SlotsAtOnce));
        scene.AssertNeverTwoOwners();
    }

    [Fact]
    public async Task A_state_that_only_a_newer_release_knows_is_looked_at_like_any_other()
    {
        await using var scene = await ClusterScene.StartAsync(server);
        var a = await scene.StartAsync("a");
        await ClusterScene.BalancedAsync(a);

        await scene.RunAsync("INSERT INTO node_epoch VALUES ('newer', 1)");
        await scene.RunAsync("INSERT INTO node (name, epoch, state, gateway, release) VALUES ('newer', 1, 'resting', '', '99')");
        var rows = await WatchedAsync();

        // It stood still, and was declared dead in time.
        Assert.Contains(NodeState.Apart, rows);
        Assert.Equal("gone", await scene.RunAsync("SELECT state FROM node WHERE name = 'newer'"));
        Assert.Equal(Slot.Count, a.Share);
        Assert.False(a.Run.IsCompleted);

        async Task<List<NodeState>> WatchedAsync()
        {
            List<NodeState> seen = [];
            await ClusterScene.UntilAsync(() =>
            {
                if (a.Ownership.View.Find("newer") is { } newer)
                    seen.Add(newer.State);
                return seen is [.., NodeState.Gone];
            });
            return seen;
        }
    }

    [Fact]
    public async Task All_nodes_tell_the_links_the_same()
    {
        await using var scene = await ClusterScene.StartAsync(server);
        var (a, b) = (await scene.StartAsync("a"), await scene.StartAsync("b"));
        await ClusterScene.BalancedAsync(a, b);
        await ClusterScene.UntilAsync(() => a.Ownership.Table!.Version == b.Ownership.Table!.Version);

        var table = a.Ownership.Table!;

        Assert.Equal(table, b.Ownership.Table);
        Assert.Equal(["a", "b"], table.Nodes.Select(each => each.Name));
        Assert.Equal(["dns:a:5080", "dns:b:5080"], table.Nodes.Select(each => each.Target));
        Assert.All(Slot.All, slot => Assert.Equal(
            table.Owners[slot.Number] == 0, a.Ownership.OwnerOf(slot).IsMine));
        Assert.All(Slot.All, slot => Assert.Equal(
            table.Owners[slot.Number] == 0 ? "a" : null, b.Ownership.OwnerOf(slot).Other));
    }

    [Fact]
    public async Task What_a_killed_node_had_lives_elsewhere_and_it_cannot_save_any_more()
    {
        await using var scene = await ClusterScene.StartAsync(server);
        var (a, b, c) = (await scene.StartAsync("a"), await scene.StartAsync("b"), await scene.StartAsync("c"));
        await ClusterScene.BalancedAsync(a, b, c);
        var key = b.Fence.Current!;
        var kept = a.Holder.Held;

        await b.KillAsync();
        await ClusterScene.BalancedAsync(a, c);

        Assert.False(await scene.MaySaveAsync(key));
        Assert.True(await scene.MaySaveAsync(a.Fence.Current!));
        Assert.True(kept.IsSubsetOf(a.Holder.Held), "a lost something for it");
        scene.AssertNeverTwoOwners();
    }

    [Fact]
    public async Task One_that_stood_still_past_its_time_is_refused_and_joins_anew()
    {
        await using var scene = await ClusterScene.StartAsync(server);
        var (a, b) = (await scene.StartAsync("a"), await scene.StartAsync("b"));
        await ClusterScene.BalancedAsync(a, b);
        var key = b.Fence.Current!;

        b.Freeze();
        await ClusterScene.BalancedAsync(a);
        Assert.Equal(0, b.Share);
        Assert.All(Slot.All, slot => Assert.Equal(SlotOwner.Nobody, b.Ownership.OwnerOf(slot)));
        b.Thaw();
        await ClusterScene.BalancedAsync(a, b);

        Assert.False(await scene.MaySaveAsync(key));
        Assert.True(await scene.MaySaveAsync(b.Fence.Current!));
        Assert.True(b.Fence.Current!.Epoch > key.Epoch);
        Assert.True(b.Holder.Dropped > 0, "It kept what it had");
        scene.AssertNeverTwoOwners();
    }

    [Fact]
    public async Task A_save_that_is_refused_ends_what_the_node_holds_at_once()
    {
        await using var scene = await ClusterScene.StartAsync(server);
        var a = await scene.StartAsync("a");
        await ClusterScene.BalancedAsync(a);
        await scene.RunAsync("UPDATE node_epoch SET epoch = epoch + 1 WHERE name = 'a'");

        a.Fence.OnStale(a.Fence.Current!);

        Assert.Equal(0, a.Share);
        await ClusterScene.BalancedAsync(a);
        Assert.True(a.Holder.Dropped > 0, "It kept what it had");
    }

    [Fact]
    public async Task What_a_dead_one_had_begun_to_save_is_ended_before_it_is_declared_dead()
    {
        await using var scene = await ClusterScene.StartAsync(server);
        var (a, b) = (await scene.StartAsync("a"), await scene.StartAsync("b"));
        await ClusterScene.BalancedAsync(a, b);
        await using var connection = new NpgsqlConnection(scene.Connection);
        await connection.OpenAsync(Cancel);
        await using var saving = await connection.BeginTransactionAsync(Cancel);
        await using var prove = new NpgsqlCommand(
            "SELECT 1 FROM node_epoch WHERE name = 'b' FOR SHARE", connection, saving);
        await prove.ExecuteScalarAsync(Cancel);

        b.Freeze();
        await ClusterScene.BalancedAsync(a);

        await Assert.ThrowsAsync<PostgresException>(() => saving.CommitAsync(Cancel));
        scene.AssertNeverTwoOwners();
    }

    [Fact]
    public async Task Nobody_dies_when_the_database_was_away()
    {
        await using var scene = await ClusterScene.StartAsync(server);
        var (a, b) = (await scene.StartAsync("a"), await scene.StartAsync("b"));
        await ClusterScene.BalancedAsync(a, b);
        var (ofA, ofB) = (a.Holder.Held, b.Holder.Held);

        await server.StopAsync();
        await ClusterScene.UntilAsync(() => a.Share + b.Share == 0);
        await Task.Delay(ClusterScene.Options.DeadAfter, Cancel);
        Assert.All(Slot.All, slot => Assert.Equal(SlotOwner.Nobody, a.Ownership.OwnerOf(slot)));
        await server.StartAsync();
        await ClusterScene.BalancedAsync(a, b);

        Assert.Equal(ofA, a.Holder.Held);
        Assert.Equal(ofB, b.Holder.Held);
        Assert.Equal(0L, await scene.RunAsync("SELECT count(*) FROM node WHERE state = 'gone'"));
        scene.AssertNeverTwoOwners();
    }

    [Fact]
    public async Task One_that_is_drained_hands_over_all_and_gets_it_back()
    {
        await using var scene = await ClusterScene.StartAsync(server);
        var (a, b) = (await scene.StartAsync("a"), await scene.StartAsync("b"));
        await ClusterScene.BalancedAsync(a, b);

        a.IsDraining = true;
        await ClusterScene.UntilAsync(() => a.Share == 0 && b.Share == 1024);
        a.IsDraining = false;
        await ClusterScene.BalancedAsync(a, b);

        Assert.Equal(0, a.Holder.Dropped);
        scene.AssertNeverTwoOwners();
    }

    [Fact]
    public async Task The_last_one_keeps_what_it_has_though_it_is_drained()
    {
        await using var scene = await ClusterScene.StartAsync(server);
        var a = await scene.StartAsync("a");
        await ClusterScene.BalancedAsync(a);

        a.IsDraining = true;
        await ClusterScene.UntilAsync(() => a.Ownership.View.Find("a")!.State == NodeState.Draining);
        await Task.Delay(ClusterScene.Options.SettleTime * 3, Cancel);

        await ClusterScene.UntilAsync(() => a.Share == 1024);
    }

    [Fact]
    public async Task One_that_stops_hands_over_first_and_nobody_waits_for_its_death()
    {
        await using var scene = await ClusterScene.StartAsync(server);
        var (a, b) = (await scene.StartAsync("a"), await scene.StartAsync("b"));
        await ClusterScene.BalancedAsync(a, b);
        var key = a.Fence.Current!;

        await a.StopAsync();

        await ClusterScene.UntilAsync(() => b.Share == 1024);
        Assert.Equal("gone", await scene.RunAsync("SELECT state FROM node WHERE name = 'a'"));
        Assert.False(await scene.MaySaveAsync(key));
        scene.AssertNeverTwoOwners();
    }

    [Fact]
    public async Task The_same_name_again_has_at_once_what_it_had()
    {
        await using var scene = await ClusterScene.StartAsync(server);
        var (a, b) = (await scene.StartAsync("a"), await scene.StartAsync("b"));
        await ClusterScene.BalancedAsync(a, b);
        var had = a.Holder.Held;
        var key = a.Fence.Current!;

        await a.KillAsync();
        var again = await scene.StartAsync("a");
        await ClusterScene.BalancedAsync(again, b);

        Assert.Equal(had, again.Holder.Held);
        Assert.True(again.Fence.Current!.Epoch > key.Epoch);
        Assert.False(await scene.MaySaveAsync(key));
        scene.AssertNeverTwoOwners();
    }

    [Fact]
    public async Task A_second_one_of_a_name_is_refused_while_the_first_lives()
    {
        await using var scene = await ClusterScene.StartAsync(server);
        var a = await scene.StartAsync("a");
        await ClusterScene.BalancedAsync(a);

        var refused = await Assert.ThrowsAsync<NodeNameTakenException>(() => scene.StartAsync("a"));

        Assert.Contains("Gateway:Node \"a\"", refused.Message, StringComparison.Ordinal);
        await ClusterScene.BalancedAsync(a);
    }

    [Fact]
    public async Task One_that_has_fewer_Kamailios_than_another_hands_over_until_it_has_as_many()
    {
        await using var scene = await ClusterScene.StartAsync(server);
        var (a, b) = (scene.Make("a"), scene.Make("b"));
        (a.Links, b.Links) = (["k1", "k2"], ["k1", "k2"]);
        await a.StartAsync();
        await b.StartAsync();
        await ClusterScene.BalancedAsync(a, b);

        b.Links = ["k2"];
        await ClusterScene.BalancedAsync(a);
        Assert.Equal(NodeState.Apart, a.Ownership.View.Find("b")!.State);
        b.Links = ["k1", "k2"];
        await ClusterScene.BalancedAsync(a, b);

        (a.Links, b.Links) = ([], []);
        await Task.Delay(ClusterScene.Options.KamailioGrace * 2, Cancel);
        await ClusterScene.BalancedAsync(a, b);
        scene.AssertNeverTwoOwners();
    }

    [Fact]
    public async Task A_new_one_gets_nothing_before_it_has_a_Kamailio()
    {
        await using var scene = await ClusterScene.StartAsync(server);
        var (a, b) = (scene.Make("a"), scene.Make("b"));
        a.Links = ["k1"];
        await a.StartAsync();
        await b.StartAsync();

        await Task.Delay(ClusterScene.Options.KamailioGrace * 2, Cancel);
        await ClusterScene.BalancedAsync(a);
        Assert.Equal(0, b.Share);
        b.Links = ["k1"];

        await ClusterScene.BalancedAsync(a, b);
    }
}
