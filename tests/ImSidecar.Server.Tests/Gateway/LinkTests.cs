using Google.Protobuf;
using ImSidecar.Server.Gateway;
using ImSidecar.Server.Gateway.V1;

namespace ImSidecar.Server.Tests.Gateway;

/// <summary>The queue towards Kamailio is bounded by bytes: rosters for a thousand subscribers do not pile up.</summary>
public class LinkTests
{
    private static readonly SipAction _roster = new()
    {
        Originate = new() { ActionKey = "c/s1/NOTIFY/1", Body = UnsafeByteOperations.UnsafeWrap(new byte[250_000]) },
    };

    private static readonly SipAction _small = new() { Confirm = new() { Sequence = 1 } };

    [Fact]
    public void A_batch_of_rosters_is_far_below_what_Kamailio_refuses()
    {
        var link = NewLink();
        while (link.TrySend(_roster))
        {
        }

        var batch = link.TakeBatch();

        Assert.InRange(batch.CalculateSize(), 1_000_000, 1_500_000);
    }

    [Fact]
    public void A_batch_of_small_ones_has_256_of_them()
    {
        var link = NewLink();
        for (var i = 0; i < 300; i++)
            Assert.True(link.TrySend(_small));

        Assert.Equal(256, link.TakeBatch().Actions.Count);
        Assert.Equal(44, link.TakeBatch().Actions.Count);
    }

    [Fact]
    public void One_confirmation_says_all_that_is_saved_while_nothing_is_queued_behind_it()
    {
        var link = NewLink();
        for (var number = 1ul; number <= 3; number++)
        {
            link.Ledger.TryBegin(number);
            link.Ledger.Saved(number);
            link.Confirm();
        }

        Assert.Equal([3ul], link.TakeBatch().Actions.Select(action => action.Confirm.Sequence));

        link.Ledger.TryBegin(4);
        link.Ledger.Saved(4);
        link.Confirm();

        Assert.Equal([4ul], link.TakeBatch().Actions.Select(action => action.Confirm.Sequence));
    }

    // Kamailio forgets a request of ours once its answer is confirmed, and takes one that comes behind that for a new one.
    [Fact]
    public void A_confirmation_says_nothing_that_was_saved_behind_what_is_queued_after_it()
    {
        var link = NewLink();
        Save(1);
        link.TrySend(new() { Reply = new() });
        Save(2);
        Save(3);

        var actions = link.TakeBatch().Actions;

        Assert.Equal([1ul, null, 3ul], actions.Select(action => action.Confirm?.Sequence));

        void Save(ulong number)
        {
            link.Ledger.TryBegin(number);
            link.Ledger.Saved(number);
            link.Confirm();
        }
    }

    [Fact]
    public async Task Who_sends_waits_while_too_many_bytes_wait()
    {
        var link = NewLink();
        var queued = 0;
        while (link.TrySend(_roster))
            queued++;
        Assert.InRange(queued * 250_000, Link.MaxQueuedBytes - 500_000, Link.MaxQueuedBytes);

        var waiting = link.SendAsync(_roster, CancellationToken.None);
        Assert.False(waiting.IsCompleted);
        Assert.True(link.TryTake(out _));

        Assert.True(await waiting.AsTask().WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Who_waits_is_let_go_when_the_stream_ends()
    {
        var link = NewLink();
        while (link.TrySend(_roster))
        {
        }

        var waiting = link.SendAsync(_roster, CancellationToken.None);
        link.Close();

        Assert.False(await waiting.AsTask().WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void One_that_is_larger_than_all_the_room_goes_alone()
    {
        var link = NewLink();
        var huge = new SipAction { Originate = new() { Body = ByteString.CopyFrom(new byte[Link.MaxQueuedBytes]) } };

        Assert.True(link.TrySend(huge));
        Assert.False(link.TrySend(_small));
    }

    private static Link NewLink() => new("test", "boot", new(), 1024);
}
