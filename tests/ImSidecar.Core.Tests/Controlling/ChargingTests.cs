using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Tests.Controlling;

/// <summary>3GPP TS 24.229 5.7 and RFC 7315: what an IMS core finds its bills by.</summary>
public class ChargingTests
{
    private const string Vector = "P-Charging-Vector";
    private const string Network = "P-Access-Network-Info";

    private readonly Scene scene = new();

    private static InviteRequest Charged(params SipUri[] invited) => Invite(alice, invited)
        .With(Vector, "icid-value=abc;orig-ioi=theirs;term-ioi=x")
        .With(Network, "3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=1234");

    private SipHeaders ToBob => scene.InviteTo(bob).Request.Headers;

    [Fact]
    public void The_vector_of_the_inviting_request_goes_into_invitations_and_answers()
    {
        scene.Facts = With(policy with { Ioi = "ours.example" });
        scene.Arrives(Charged(bob, carol));
        scene.Rings(bob);
        var ringing = scene.Last.Effects.OfType<Respond>().Single();
        scene.Accepts(bob);
        var accepted = scene.Last.Effects.OfType<Respond>().Single();

        Assert.Equal("icid-value=abc;orig-ioi=ours.example", ToBob.First(Vector));
        Assert.Equal("3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=1234", ToBob.First(Network));
        Assert.Equal("icid-value=abc;orig-ioi=theirs;term-ioi=ours.example", ringing.Headers.First(Vector));
        Assert.Equal("icid-value=abc;orig-ioi=theirs;term-ioi=ours.example", accepted.Headers.First(Vector));
        Assert.Null(accepted.Headers.First(Network));
    }

    [Fact]
    public void Without_a_network_of_ours_none_is_named()
    {
        scene.Arrives(Charged(bob));

        Assert.Equal("icid-value=abc", ToBob.First(Vector));
    }

    [Theory, InlineData(true), InlineData(false)]
    public void A_request_without_vector_gets_one_if_the_operator_wants_it(bool creates)
    {
        scene.Facts = With(policy with { CreateChargingVector = creates });
        scene.Invites(alice, bob, carol);
        var (first, second) = (ToBob.First(Vector), scene.InviteTo(carol).Request.Headers.First(Vector));
        scene.Accepts(bob);

        Assert.Equal(first, second);
        Assert.Equal(creates, ChargingVector.TryParse(first ?? "", out var made));
        Assert.Equal(creates ? "im.example.com" : null, made?.GeneratedAt);
        Assert.Null(scene.Last.Effects.OfType<Respond>().Single().Headers.First(Vector));
    }

    [Fact]
    public void Where_one_is_who_asks_for_privacy_nobody_learns()
    {
        scene.Arrives(Charged(bob, carol).With("Privacy", "id"));

        Assert.Null(ToBob.First(Network));
        Assert.Equal("icid-value=abc", ToBob.First(Vector));
    }

    [Fact]
    public void Who_adds_somebody_is_charged_for_it()
    {
        var three = Scene.Settled(alice, bob, dave);
        var request = new ReferRequest(Inside(three.Participant(alice).Leg, alice, "REFER"))
        {
            Targets = [new(carol, null, "INVITE")],
        };
        three.Arrives(request.With(Vector, "icid-value=second"));

        Assert.Equal("icid-value=second", three.InviteTo(carol).Request.Headers.First(Vector));
        Assert.Equal("icid-value=second", three.Last.Effects.OfType<Respond>().Single().Headers.First(Vector));
    }

    [Fact]
    public void Who_adds_somebody_does_not_tell_where_the_first_one_was()
    {
        scene.Arrives(Charged(bob, dave));
        scene.Accepts(bob);
        scene.Acknowledges(alice);
        scene.Refers(bob, carol);
        var headers = scene.InviteTo(carol).Request.Headers;

        Assert.Null(headers.First(Network));
        Assert.Null(headers.First(Vector));
    }

    [Fact]
    public void Who_joins_and_who_watches_find_their_vector_in_the_answer()
    {
        scene.Facts = With(GroupOfThree);
        scene.Arrives(InviteGroup(alice));
        scene.Arrives(InviteGroup(carol).With(Vector, "icid-value=abc"));
        var joined = scene.Last.Effects.OfType<Respond>().Single();
        scene.Arrives(Subscribe(carol).WithHead(head => head with { Uri = skiers }).With(Vector, "icid-value=def"));
        var watching = scene.Last.Effects.OfType<Respond>().Single();

        Assert.Equal("icid-value=abc", joined.Headers.First(Vector));
        Assert.Equal("icid-value=def", watching.Headers.First(Vector));
    }

    [Theory]
    [InlineData("icid-value=a b", "3GPP-E-UTRAN\tx")]
    [InlineData("orig-ioi=a", "\u00e4")]
    public void What_is_no_value_is_left_out(string vector, string network)
    {
        scene.Arrives(Invite(alice, bob).With(Vector, vector).With(Network, network));

        Assert.Null(ToBob.First(Vector));
        Assert.Null(ToBob.First(Network));
    }

    [Fact]
    public void Only_so_many_networks_are_passed_on()
    {
        scene.Arrives(Invite(alice, bob).With(Network, "a, b, c, d, e").With(Network, new string('f', 513)));

        Assert.Equal(["a", "b", "c", "d"], ToBob.Where(field => field.Name == Network).Select(field => field.Value));
    }
}
