using System.Collections.Immutable;
using ImSidecar.Core.Deferred;
using ImSidecar.Server.Stores;
using ImSidecar.Server.Stores.Deferred;
using ImSidecar.Server.Tests.Grpc;
using Microsoft.Extensions.Logging;
using static ImSidecar.Server.Tests.Stores.Deferred.DeferredSample;

namespace ImSidecar.Server.Tests.Stores.Deferred;

/// <summary>What every store of deferred messages has to do.</summary>
public abstract partial class DeferredStoreContract : IAsyncLifetime
{
    private protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private DeferredMessageStore? _store;

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected DeferredMessageStore Store => _store!;

    private protected CollectedLog Collected { get; } = new();

    /// <summary>Where this test keeps its messages.</summary>
    private protected abstract DeferredStoreOptions Place { get; }

    public virtual ValueTask InitializeAsync()
    {
        _store = Open(Place);
        return ValueTask.CompletedTask;
    }

    public virtual async ValueTask DisposeAsync()
    {
        if (_store is { } store)
            await store.DisposeAsync();
        Collected.Dispose();
        _keyFiles.ForEach(File.Delete);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_message_is_read_as_it_was_written_after_a_restart()
    {
        await KeptAsync(SessionMessage("k1"));
        await KeptAsync(Message("k2"));

        await ReopenAsync();
        var messages = await ReadAsync();

        Assert.Equal(2, messages.Length);
        AssertSame(SessionMessage("k1") with { Number = 1 }, messages[0]);
        AssertSame(Message("k2") with { Number = 2 }, messages[1]);
        AssertSame(messages[0], await Store.FindAsync(Alice, 1, Cancel));
    }

    [Fact]
    public async Task A_copy_is_kept_once()
    {
        await KeptAsync(Message("k1"));

        Assert.Equal(Deferral.Known, await AddAsync(Message("k1", size: 50)));
        Assert.Equal(Deferral.Known, await AddAsync(Message("k1"), new(0, 0, 0, 0)));
        await KeptAsync(Message("K1"));
        await KeptAsync(Message("k1", Bob));
        Assert.Equal(["k1", "K1"], (await ReadAsync()).Select(message => message.Key));
    }

    [Fact]
    public async Task Of_many_copies_at_once_exactly_one_is_kept()
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ =>
            Task.Run(() => AddAsync(Message("k1")))));

        Assert.Single(outcomes, outcome => outcome == Deferral.Kept);
        Assert.Equal(99, outcomes.Count(outcome => outcome == Deferral.Known));
        Assert.Equal(new(1, 100), await Store.CountAsync(Alice, Cancel));
    }

    [Fact]
    public async Task The_copy_of_a_message_that_is_gone_is_known_for_ten_minutes()
    {
        await KeptAsync(Message("k1"));
        await RemoveAsync([1]);

        Assert.Equal(Deferral.Known, await AddAsync(Message("k1") with { ReceivedAt = Now.AddMinutes(9.9) }));
        Assert.Equal(Deferral.Kept, await AddAsync(Message("k1") with { ReceivedAt = Now.AddMinutes(10.1) }));

        // What it remembers it forgets too.
        await KeptAsync(Message("k2"));
        await Store.RemoveAsync(Alice, [3], DeferredEnd.Deleted, Now.AddMinutes(11), Cancel);
        Assert.Equal(1, await ScalarAsync("SELECT count(*) FROM past"));
        await Store.ExpireAsync(Now.AddMinutes(22), 10, Cancel);
        Assert.Equal(0, await ScalarAsync("SELECT count(*) FROM past"));
    }

    [Fact]
    public async Task Numbers_begin_with_1_for_each_user_and_none_is_given_twice()
    {
        foreach (var key in (string[])["k1", "k2", "k3"])
            await KeptAsync(Message(key));
        await RemoveAsync([2, 3]);
        await KeptAsync(Message("k4"));
        await RemoveAsync([1, 4]);
        await ReopenAsync();

        await KeptAsync(Message("k5"));
        await KeptAsync(Message("k1", Bob));

        Assert.Equal([5], (await ReadAsync()).Select(message => message.Number));
        Assert.Equal([1], (await ReadAsync(Bob)).Select(message => message.Number));
    }

    [Fact]
    public async Task Users_whose_keys_are_alike_are_not_the_same()
    {
        string[] users = [Alice, "sip:alice\0@example.com", "sip:ALICE@example.com", "sip:alice", "sip:\u00e4@x"];
        foreach (var user in users)
            await KeptAsync(Message("k of " + user, user));

        foreach (var user in users)
            Assert.Equal(["k of " + user], (await ReadAsync(user)).Select(message => message.Key));
    }

    [Fact]
    public async Task What_is_read_is_bounded_by_number_and_size_but_never_nothing()
    {
        await KeptAsync(Message("k1", size: 500));
        await KeptAsync(Message("k2", size: 300));
        await KeptAsync(Message("k3", size: 200));
        await KeptAsync(Message("k4", size: 1));

        Assert.Equal([1], await NumbersAsync(0, 10, 100));
        Assert.Equal([2, 3], await NumbersAsync(1, 10, 500));
        Assert.Equal([2], await NumbersAsync(1, 10, 499));
        Assert.Equal([1, 2], await NumbersAsync(0, 2, long.MaxValue));
        Assert.Equal([4], await NumbersAsync(3, 10, 0));
        Assert.Empty(await NumbersAsync(4, 10, 100));
        Assert.Empty(await NumbersAsync(0, 0, 100));

        async Task<IEnumerable<long>> NumbersAsync(long after, int most, long mostBytes) =>
            (await Store.ReadAsync(Alice, after, most, mostBytes, Now, Cancel)).Select(message => message.Number);
    }

    [Fact]
    public async Task What_has_expired_is_neither_read_nor_listed_and_counts_until_it_is_removed()
    {
        await KeptAsync(Message("k1") with { ExpiresAt = Now.AddSeconds(1) });
        await KeptAsync(Message("k2") with { ExpiresAt = Now.AddSeconds(2) });
        var later = Now.AddSeconds(1);

        Assert.Equal([2], (await Store.ReadAsync(Alice, 0, 10, 1000, later, Cancel)).Select(each => each.Number));
        Assert.Equal([2], (await Store.ListAsync(Alice, 0, 10, later, Cancel)).Select(each => each.Number));
        Assert.Equal(new(2, 200), await Store.CountAsync(Alice, Cancel));
        Assert.Equal(1, await Store.ExpireAsync(later, 10, Cancel));
        Assert.Equal(new(1, 100), await Store.CountAsync(Alice, Cancel));
    }

    [Fact]
    public async Task A_list_holds_all_but_the_content()
    {
        await KeptAsync(SessionMessage("k1"));
        await KeptAsync(Message("k2"));
        await KeptAsync(Message("k3"));

        var list = await Store.ListAsync(Alice, 0, 2, Now, Cancel);

        var first = SessionMessage("k1");
        Assert.Equal(
            new(1, first.Sender, true, first.Subject, false, first.Content.Size, first.ReceivedAt, first.ExpiresAt),
            list[0]);
        Assert.Equal(new(2, Uri(Bob), false, "about k2", true, 100, Now, Now.AddDays(7)), list[1]);
        Assert.Equal([3], (await Store.ListAsync(Alice, 2, 2, Now, Cancel)).Select(entry => entry.Number));
        Assert.Empty(await Store.ListAsync(Bob, 0, 2, Now, Cancel));
    }

    [Fact]
    public async Task What_is_not_there_is_not_found()
    {
        await KeptAsync(Message("k1"));

        Assert.Null(await Store.FindAsync(Alice, 2, Cancel));
        Assert.Null(await Store.FindAsync(Bob, 1, Cancel));
        Assert.Equal(default, await Store.CountAsync(Bob, Cancel));
        Assert.Equal(0, await Store.RemoveAsync(Bob, [1], DeferredEnd.Delivered, Now, Cancel));
        Assert.Equal(0, await RemoveAsync([]));
        Assert.Equal(1, await RemoveAsync([1, 1, 2]));
        Assert.Equal(0, await RemoveAsync([1]));
        Assert.Equal(default, await Store.CountAllAsync(Cancel));
    }

    [Fact]
    public async Task Removals_of_the_same_message_at_once_count_it_once()
    {
        foreach (var key in Enumerable.Range(0, 50).Select(number => "k" + number))
            await KeptAsync(Message(key) with { Notices = AllNotices });

        var counts = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ =>
            Task.Run(() => RemoveAsync([.. Enumerable.Range(1, 50).Select(number => (long)number)]))));

        Assert.Equal(50, counts.Sum());
        Assert.Equal(default, await Store.CountAsync(Alice, Cancel));
        Assert.Equal(50, (await Store.NoticesAsync(100, Cancel)).Length);
    }

    [Fact]
    public async Task Users_for_whom_something_waits_come_in_the_order_of_their_keys()
    {
        foreach (var user in (string[])["sip:c", "sip:a", "sip:b", "sip:d"])
            await KeptAsync(Message("k", user));
        await Store.RemoveAsync("sip:b", [1], DeferredEnd.Delivered, Now, Cancel);

        Assert.Equal(["sip:a", "sip:c"], await Store.UsersAsync("", 2, Cancel));
        Assert.Equal(["sip:d"], await Store.UsersAsync("sip:c", 2, Cancel));
        await KeptAsync(Message("k2", "sip:b"));
        Assert.Equal(["sip:b", "sip:c", "sip:d"], await Store.UsersAsync("sip:a", 9, Cancel));
        Assert.Empty(await Store.UsersAsync("", 0, Cancel));
    }

    [Fact]
    public async Task A_store_that_is_closed_has_written_what_waited_and_takes_no_more()
    {
        var adds = Enumerable.Range(0, 300).Select(number => AddAsync(Message("k" + number))).ToArray();

        await Store.DisposeAsync();

        Assert.All(await Task.WhenAll(adds), outcome => Assert.Equal(Deferral.Kept, outcome));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => AddAsync(Message("late")));
        await ReopenAsync();
        Assert.Equal(300, (await Store.CountAllAsync(Cancel)).Messages);
    }

    private protected DeferredMessageStore Open(DeferredStoreOptions options)
    {
        var logger = new LoggerFactory([Collected]).CreateLogger<DeferredMessageStore>();
        return DeferredStoreServices.Open(options, new() { Path = "/nowhere/imsidecar.db" }, Given.StoreHealth(), logger);
    }

    private protected async Task ReopenAsync(params IReadOnlyList<string> keyFiles)
    {
        await Store.DisposeAsync();
        _store = Open(Place with { KeyFiles = keyFiles });
    }

    /// <summary>A number out of the database, past the store.</summary>
    private protected abstract Task<long> ScalarAsync(string sql);

    private protected async Task KeptAsync(DeferredMessage message) =>
        Assert.Equal(Deferral.Kept, await AddAsync(message));

    private protected async Task<Deferral> AddAsync(DeferredMessage message, DeferralQuota? quota = null) =>
        await Store.AddAsync(message, quota ?? DeferralQuota.None, Cancel);

    private protected async Task<ImmutableArray<DeferredMessage>> ReadAsync(string user = Alice) =>
        await Store.ReadAsync(user, 0, 1000, long.MaxValue, Now, Cancel);

    private protected async Task<int> RemoveAsync(
        ImmutableArray<long> numbers, DeferredEnd end = DeferredEnd.Delivered) =>
        await Store.RemoveAsync(Alice, numbers, end, Now, Cancel);

    private protected static void AssertSame(DeferredMessage expected, DeferredMessage? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal(expected.Content.Sip.ToArray(), actual.Content.Sip.ToArray());
        Assert.Equal(expected.Content.Msrp.ToArray(), actual.Content.Msrp.ToArray());
        Assert.Equal(expected, actual with { Content = expected.Content });
    }
}
