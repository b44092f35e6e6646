using ImSidecar.Core.Deferred;
using static ImSidecar.Server.Tests.Stores.Deferred.DeferredSample;

namespace ImSidecar.Server.Tests.Stores.Deferred;

/// <summary>Quotas and notices.</summary>
public abstract partial class DeferredStoreContract
{
    [Fact]
    public async Task A_user_has_as_many_messages_and_bytes_as_he_may_and_removal_makes_room()
    {
        var quota = DeferralQuota.None with { UserMessages = 3, UserBytes = 250 };
        await KeptAsync(Message("k1"));
        Assert.Equal(Deferral.Kept, await AddAsync(Message("k2"), quota));

        Assert.Equal(Deferral.UserFull, await AddAsync(Message("k3", size: 51), quota));
        Assert.Equal(Deferral.Kept, await AddAsync(Message("k3", size: 50), quota));
        Assert.Equal(Deferral.UserFull, await AddAsync(Message("k4", size: 0), quota));
        Assert.Equal(Deferral.Kept, await AddAsync(Message("k4", Bob), quota));
        await RemoveAsync([1]);
        Assert.Equal(Deferral.Kept, await AddAsync(Message("k4"), quota));
        Assert.Equal(new(3, 250), await Store.CountAsync(Alice, Cancel));
        Assert.Equal(new(4, 350), await Store.CountAllAsync(Cancel));
    }

    [Fact]
    public async Task The_store_has_as_many_messages_and_bytes_as_it_may()
    {
        var quota = DeferralQuota.None with { Messages = 3, Bytes = 250 };
        Assert.Equal(Deferral.Kept, await AddAsync(Message("k1", "sip:a"), quota));
        Assert.Equal(Deferral.Kept, await AddAsync(Message("k1", "sip:b"), quota));

        Assert.Equal(Deferral.NodeFull, await AddAsync(Message("k1", "sip:c", size: 51), quota));
        Assert.Equal(Deferral.Kept, await AddAsync(Message("k1", "sip:c", size: 50), quota));
        Assert.Equal(Deferral.NodeFull, await AddAsync(Message("k1", "sip:d", size: 0), quota));
        await Store.RemoveAsync("sip:a", [1], DeferredEnd.Delivered, Now, Cancel);
        Assert.Equal(Deferral.Kept, await AddAsync(Message("k1", "sip:d"), quota));
    }

    [Fact]
    public async Task Of_many_at_once_no_more_are_kept_than_the_quota_allows()
    {
        var ofUser = DeferralQuota.None with { UserMessages = 17 };
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 200).Select(number =>
            Task.Run(() => AddAsync(Message("k" + number), ofUser))));

        Assert.Equal(17, outcomes.Count(outcome => outcome == Deferral.Kept));
        Assert.Equal(183, outcomes.Count(outcome => outcome == Deferral.UserFull));
        Assert.Equal(Enumerable.Range(1, 17).Select(i => (long)i), (await ReadAsync()).Select(each => each.Number));

        var ofNode = DeferralQuota.None with { Bytes = 1700 + 1000 };
        outcomes = await Task.WhenAll(Enumerable.Range(0, 100).Select(number =>
            Task.Run(() => AddAsync(Message("k", "sip:u" + number), ofNode))));
        Assert.Equal(10, outcomes.Count(outcome => outcome == Deferral.Kept));
        Assert.Equal(90, outcomes.Count(outcome => outcome == Deferral.NodeFull));
        Assert.Equal(new(27, 2700), await Store.CountAllAsync(Cancel));
    }

    [Theory]
    [InlineData(DeferredEnd.Delivered, true, false)]
    [InlineData(DeferredEnd.Delivered, false, true)]
    [InlineData(DeferredEnd.Expired, true, false)]
    [InlineData(DeferredEnd.Expired, false, true)]
    [InlineData(DeferredEnd.Deleted, false, true)]
    [InlineData(DeferredEnd.Deleted, true, false)]
    public async Task A_sender_is_told_of_the_ends_he_asked_for(DeferredEnd end, bool delivery, bool negative)
    {
        var asked = AllNotices with { Delivery = delivery, NegativeDelivery = negative };
        await KeptAsync(SessionMessage("k1") with { Notices = asked });
        await KeptAsync(Message("k2"));

        Assert.Equal(2, await RemoveAsync([1, 2], end));
        await ReopenAsync();

        var isTold = end == DeferredEnd.Delivered ? delivery : negative;
        var message = SessionMessage("k1");
        DeferredNotice[] expected = isTold ? [new(1, end, message.Sender, message.Recipient, asked, Now)] : [];
        Assert.Equal(expected, await Store.NoticesAsync(10, Cancel));
    }

    [Fact]
    public async Task Notices_come_in_the_order_of_their_causes_until_they_are_told()
    {
        foreach (var number in Enumerable.Range(1, 5))
        {
            await KeptAsync(Message("k" + number) with { Notices = AllNotices with { MessageId = "m" + number } });
            await RemoveAsync([number]);
        }

        var notices = await Store.NoticesAsync(3, Cancel);
        Assert.Equal(["m1", "m2", "m3"], notices.Select(notice => notice.Asked.MessageId));
        await Store.ForgetNoticesAsync([notices[0].Number, notices[2].Number], Cancel);
        await Store.ForgetNoticesAsync([notices[0].Number], Cancel);
        await Store.ForgetNoticesAsync([], Cancel);

        Assert.Equal(["m2", "m4", "m5"], (await Store.NoticesAsync(9, Cancel)).Select(each => each.Asked.MessageId));
        Assert.Empty(await Store.NoticesAsync(0, Cancel));
    }

    [Fact]
    public async Task What_has_expired_goes_a_bounded_number_at_a_time_and_its_senders_are_told()
    {
        foreach (var number in Enumerable.Range(1, 5))
        {
            await KeptAsync(Message("k" + number, "sip:u" + number) with
            {
                ExpiresAt = Now.AddSeconds(10 - number),
                Notices = AllNotices with { MessageId = "m" + number },
            });
        }

        Assert.Equal(0, await Store.ExpireAsync(Now, 10, Cancel));
        Assert.Equal(2, await Store.ExpireAsync(Now.AddSeconds(8), 2, Cancel));
        Assert.Equal(2, await Store.ExpireAsync(Now.AddSeconds(8), 2, Cancel));
        Assert.Equal(0, await Store.ExpireAsync(Now.AddSeconds(8), 2, Cancel));
        Assert.Equal(0, await Store.ExpireAsync(Now.AddSeconds(20), 0, Cancel));

        Assert.Equal(["sip:u1"], await Store.UsersAsync("", 10, Cancel));
        var notices = await Store.NoticesAsync(10, Cancel);
        Assert.All(notices, notice => Assert.Equal((DeferredEnd.Expired, Now.AddSeconds(8)), (notice.End, notice.At)));
        Assert.Equal(["m2", "m3", "m4", "m5"], notices.Select(notice => notice.Asked.MessageId).Order());
    }
}
