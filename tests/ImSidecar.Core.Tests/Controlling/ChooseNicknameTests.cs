using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Tests.Controlling;

/// <summary>IM 7.2.3.2 and RFC 7701 7: what a participant wants to be called.</summary>
public class ChooseNicknameTests
{
    private readonly Scene scene = Scene.Settled(alice, bob, carol);

    private string? Shown(string entity) =>
        scene.Document.Users!.List.Single(user => user.Entity == entity).DisplayText;

    [Fact, Trait("Spec", "IM 7.2.3.2"), Trait("Spec", "IM 5.5")]
    public void Those_who_watch_see_it_at_once()
    {
        scene.Subscribes(alice);
        scene.AnswersNotify(alice);

        Assert.Equal(200, scene.Later(10).Nicknames(bob, "Snowcat"));

        Assert.Equal("Snowcat", scene.Participant(bob).Nickname);
        Assert.Equal("Snowcat", Shown(bob.Text));
    }

    [Fact, Trait("Spec", "RFC 7701 7")]
    public void An_empty_one_takes_it_away()
    {
        scene.Nicknames(bob, "Snowcat");

        Assert.Equal(200, scene.Nicknames(bob, ""));

        Assert.Null(scene.Participant(bob).Nickname);
        Assert.Equal(200, scene.Nicknames(carol, "Snowcat"));
    }

    [Fact, Trait("Spec", "RFC 7701 7")]
    public void The_same_one_again_changes_nothing()
    {
        scene.Nicknames(bob, "Snowcat");
        var before = scene.Conference;

        Assert.Equal(200, scene.Nicknames(bob, "Snowcat"));

        Assert.Same(before, scene.Conference);
    }

    [Theory]
    [InlineData("SNOWCAT")]
    [InlineData("alice")]
    [InlineData("Sip:Alice@example.com")]
    [InlineData("alice@EXAMPLE.com")]
    [InlineData("anonymous9@anonymous.invalid")]
    [Trait("Spec", "IM 7.2.3.2")]
    public void What_others_are_called_or_reached_by_is_taken(string nickname)
    {
        scene.Nicknames(carol, "Snowcat");

        Assert.Equal(425, scene.Nicknames(bob, nickname));

        Assert.Null(scene.Participant(bob).Nickname);
    }

    [Fact, Trait("Spec", "IM 7.2.3.2")]
    public void The_name_that_another_came_with_is_taken_also_while_he_is_called_otherwise()
    {
        var named = new Scene();
        named.Arrives(Invite(alice, bob, carol)
            .WithHead(head => head with { From = Address("\"Ali\" <sip:alice@example.com>;tag=from-alice") }));
        named.Accepts(bob);
        named.Acknowledges(alice);
        named.Nicknames(alice, "Snowcat");

        Assert.Equal(425, named.Nicknames(bob, "ali"));
        Assert.Equal(200, named.Nicknames(bob, "alice"));
    }

    [Fact, Trait("Spec", "IM 7.2.3.2")]
    public void Who_hides_is_not_found_out_by_trying_his_names()
    {
        var hidden = new Scene();
        hidden.Arrives(Invite(alice, bob, carol).With("Privacy", "id"));
        hidden.Accepts(bob);
        hidden.Acknowledges(alice);

        Assert.Equal(200, hidden.Nicknames(bob, "alice"));
        Assert.Equal(200, hidden.Nicknames(bob, alice.Text));
        Assert.Equal(425, hidden.Nicknames(bob, "Anonymous"));
    }

    [Fact, Trait("Spec", "RFC 7701 7")]
    public void His_own_names_are_nobody_elses()
    {
        Assert.Equal(200, scene.Nicknames(bob, "bob"));
        Assert.Equal(200, scene.Nicknames(bob, bob.Text));
    }

    [Theory, InlineData("\u200D"), InlineData("\u3164"), InlineData("\u2800\uFE0F"), Trait("Spec", "RFC 7701 7")]
    public void A_name_that_nobody_sees_is_none(string nickname) => Assert.Equal(424, scene.Nicknames(bob, nickname));

    [Fact, Trait("Spec", "IM 7.2.3.2")]
    public void An_operator_may_want_none()
    {
        var without = Scene.Settled(With(policy with { Nicknames = false }), alice, bob, carol);

        Assert.Equal(403, without.Nicknames(bob, "Snowcat"));
    }

    [Fact, Trait("Spec", "RFC 7701 7")]
    public void Where_there_is_no_chat_room_there_is_no_nickname() =>
        Assert.Equal(501, Scene.Settled(alice, bob).Nicknames(bob, "Snowcat"));

    [Fact, Trait("Spec", "RFC 7701 7")]
    public void Who_is_gone_has_no_session_for_it()
    {
        scene.Happens(new NicknameAsked("nobody's", "t", "Snowcat"));

        Assert.Equal(481, scene.Last.Single<AnswerNickname>().Status);
    }

    [Fact, Trait("Spec", "RFC 7701 7")]
    public void It_is_shown_of_who_left_too_and_is_then_free()
    {
        scene.Subscribes(alice);
        scene.AnswersNotify(alice);
        scene.Later(10).Nicknames(bob, "Snowcat");
        scene.AnswersNotify(alice);

        scene.Later(10).Leaves(bob);

        Assert.Equal("Snowcat", Shown(bob.Text));
        Assert.Equal(200, scene.Nicknames(carol, "Snowcat"));
    }
}
