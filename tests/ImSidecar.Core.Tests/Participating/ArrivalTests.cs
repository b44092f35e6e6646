using ImSidecar.Core.Conferences;
using ImSidecar.Core.Deferred;
using ImSidecar.Core.Participating;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Tests.Participating;

/// <summary>App. D.2, step 1: a user comes, and his push hears of it once.</summary>
public class ArrivalTests
{
    private static PushWanted? Wanted(Outcome<ServedUser> outcome)
    {
        if (outcome.Effects.OfType<Tell>().SingleOrDefault() is not { } tell)
            return null;

        Assert.Equal(Pushing.id, tell.Target);
        return Assert.IsType<PushWanted>(tell.Happened);
    }

    [Fact, Trait("Spec", "IM D.2/A1"), Trait("Spec", "IM D.2/intro-2")]
    public void Who_registers_gets_what_was_kept() =>
        Assert.Equal(new(bob), Wanted(Serving.Away().Registers(Serving.Phone, 3600)));

    [Theory]
    [InlineData(RegistrationSource.Registrar)]
    [InlineData(RegistrationSource.ThirdParty)]
    public void A_REGISTER_that_is_repeated_or_only_prolongs_is_no_news(RegistrationSource source)
    {
        var serving = Serving.Away();
        serving.Registers(Serving.Phone, 3600, source: source, cseq: 1);

        Assert.Null(Wanted(serving.Registers(Serving.Phone, 3600, source: source, cseq: 1)));
        Assert.Null(Wanted(serving.Registers(Serving.Phone, 3600, source: source, cseq: 2)));
    }

    [Fact]
    public void Another_device_of_his_is_news()
    {
        var serving = Serving.Away();
        serving.Registers(Serving.Phone, 3600);

        Assert.NotNull(Wanted(serving.Registers("sip:bob@192.0.2.21", 3600, call: "other")));
    }

    [Fact]
    public void The_newest_device_is_the_one_that_came_or_came_back_last()
    {
        var serving = Serving.Away();
        serving.Registers(Serving.Phone, 3600, cseq: 1);
        serving.Registers("sip:bob@192.0.2.21", 3600, call: "other", cseq: 1);
        serving.Registers(Serving.Phone, 3600, cseq: 2);
        Assert.Equal("sip:bob@192.0.2.21", serving.State!.NewestContact(serving.Now));

        serving.Registers(Serving.Phone, 0, cseq: 3);
        serving.Registers(Serving.Phone, 3600, cseq: 4);
        Assert.Equal(Serving.Phone, serving.State!.NewestContact(serving.Now));

        serving.Registers(Serving.Phone, 0, cseq: 5);
        Assert.Equal("sip:bob@192.0.2.21", serving.State!.NewestContact(serving.Now));
    }

    [Fact]
    public void A_serving_node_that_speaks_for_all_devices_is_no_device()
    {
        var serving = Serving.Away();
        serving.Registers("sip:scscf.example.com", 3600, tags: "", source: RegistrationSource.ThirdParty);

        Assert.Null(serving.State!.NewestContact(serving.Now));
    }

    [Fact]
    public void Who_comes_back_gets_what_was_kept_meanwhile()
    {
        var serving = Serving.Away();
        serving.Registers(Serving.Phone, 60);
        serving.Elapses(TimeSpan.FromSeconds(200));

        Assert.NotNull(Wanted(serving.Registers(Serving.Phone, 60, call: "again")));
    }

    [Fact]
    public void A_device_that_takes_no_messages_gets_none() =>
        Assert.Null(Wanted(Serving.Away().Registers(Serving.Phone, 3600, tags: "+g.3gpp.smsip")));

    [Fact]
    public void Who_is_not_to_be_seen_gets_them_when_he_shows_himself()
    {
        var serving = Serving.Away();
        serving.Sets(isVisible: false);

        Assert.Null(Wanted(serving.Registers(Serving.Phone, 3600)));
        Assert.NotNull(Wanted(serving.Sets(isVisible: true)));
    }

    [Fact]
    public void Who_is_there_and_wants_them_brought_from_now_on_gets_them()
    {
        var serving = Serving.Away();
        serving.Happens(new ServiceSettingsChanged(bob, new() { Delivery = DeferredDelivery.Notify }));
        serving.Registers(Serving.Phone, 3600);

        Assert.NotNull(Wanted(serving.Happens(new ServiceSettingsChanged(bob, new()))));
        Assert.Null(Wanted(serving.Happens(new ServiceSettingsChanged(
            bob, new() { Delivery = DeferredDelivery.Notify }))));
    }

    [Fact]
    public void A_message_that_was_kept_while_he_came_goes_too()
    {
        var serving = Serving.Away();
        serving.Registers(Serving.Phone, 3600);

        Assert.NotNull(Wanted(serving.Happens(new DeferralSettled("t", Deferral.Kept))));
        Assert.NotNull(Wanted(serving.Happens(new MessagesWait())));
        Assert.Null(Wanted(serving.Happens(new DeferralSettled("t", Deferral.UserFull))));
    }

    [Fact]
    public void Nothing_goes_to_who_is_away() =>
        Assert.Null(Wanted(Serving.Away().Happens(new DeferralSettled("t", Deferral.Kept))));
}
