using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Tests.Participating;

/// <summary>What a served user sends, App. D.1 step 3: it goes on, to whomever.</summary>
public class OriginatingHalfTests
{
    [Theory]
    [InlineData("INVITE", true)]
    [InlineData("SUBSCRIBE", true)]
    [InlineData("REFER", true)]
    [InlineData("MESSAGE", false)]
    [InlineData("PUBLISH", false)]
    public void What_is_not_for_us_goes_on(string method, bool recordsRoute)
    {
        var serving = new Serving();

        var passed = Assert.IsType<PassOn>(serving.Answers(Serving.From(method)));

        Assert.Equal((SessionCase.Originating, recordsRoute), (passed.Passed, passed.RecordRoute));
        Assert.Null(serving.State);
    }

    [Fact]
    public void To_one_who_is_served_too_his_half_is_next()
    {
        var handed = Assert.IsType<HandOver>(
            new Serving().Answers(Serving.From(to: alice) with { GoesToServed = true }));

        var next = Assert.IsType<PassingRequest>(handed.Request);
        Assert.Equal((SessionCase.Terminating, alice), (next.Half, next.Uri));
    }

    [Fact]
    public void To_a_conference_it_is_the_conference_that_decides_next()
    {
        var invite = Invite(bob, alice);
        var passing = new PassingRequest(invite.Head) { Half = SessionCase.Originating, ToConference = invite };

        Assert.Same(invite, Assert.IsType<HandOver>(new Serving().Answers(passing)).Request);
    }

    [Fact]
    public void Without_the_service_nothing_goes_on()
    {
        var serving = new Serving();
        serving.Sets(isActive: false);

        Assert.Equal((403, "Service is not active"), Refusal(serving.Answers(Serving.From())));
        Assert.Equal(
            (403, "Service is not active"),
            Refusal(serving.Answers(Serving.From() with { ToConference = Invite(bob, alice) })));
    }

    [Fact]
    public void Who_is_barred_sends_nothing() =>
        Assert.Equal(
            (403, "User is barred from the IM service"),
            Refusal(new Serving().Answers(Serving.From().WithHead(head => head with { Identities = [new(mallory)] }))));

    [Fact]
    public void Nobody_knows_who_sends_what_no_one_vouches_for() =>
        Assert.Equal(
            (403, "Originator not authenticated"),
            Refusal(new Serving().Answers(Serving.From().WithHead(head => head with { Identities = [] }))));

    [Fact]
    public void Who_is_invisible_may_still_write()
    {
        var serving = new Serving();
        serving.Sets(isVisible: false);

        Assert.IsType<PassOn>(serving.Answers(Serving.From("MESSAGE")));
    }

    private static (int, string?) Refusal(Effect effect)
    {
        var respond = Assert.IsType<Respond>(effect);
        return (respond.Status.Code, respond.Warning);
    }
}
