using ImSidecar.Core.Conferences;
using ImSidecar.Core.Identity;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Tests.Identity;

/// <summary>IM 7.2.3.2 Chat alias in an IM conference.</summary>
public class ChatAliasTests
{
    private const string AnyFrom = "\"Carol\" <sip:anonymous@anonymous.invalid>;tag=from-carol";

    private static readonly GroupXml hiding = GroupOfThree with
    {
        Rules = GroupXml.OfMembers.Replace(
            "<join-handling>", "<allow-anonymity>true</allow-anonymity><join-handling>", StringComparison.Ordinal),
    };

    /// <summary>Alice has opened the group, and the others joined it hiding.</summary>
    private static Scene Hidden(params SipUri[] users)
    {
        var scene = new Scene(With(hiding));
        scene.Calls(alice);
        scene.Acknowledges(alice);
        foreach (var user in users)
            scene.Arrives(InviteGroup(user).With("Privacy", "id"));
        return scene;
    }

    [Fact, Trait("Spec", "IM 7.2.1.3/6"), Trait("Spec", "IM 7.2.3.2")]
    public void Who_opens_a_group_with_privacy_is_seen_by_an_alias()
    {
        var scene = new Scene(With(hiding));

        scene.Arrives(InviteGroup(alice).With("Privacy", "id").WithHead(head => head with { From = Address(AnyFrom) }));

        var opener = scene.Participant(alice);
        Assert.Equal(
            (true, "sip:anonymous1@anonymous.invalid", null), (opener.IsAnonymous, opener.Entity, opener.DisplayName));
    }

    [Fact, Trait("Spec", "IM 7.2.1.4/6"), Trait("Spec", "IM 7.2.3.2")]
    public void Who_joins_with_privacy_is_seen_by_an_alias_of_his_own()
    {
        var scene = Hidden(bob, carol);

        Assert.True(scene.Participant(bob).IsAnonymous);
        Assert.Equal("sip:anonymous2@anonymous.invalid", scene.Participant(bob).Entity);
        Assert.Equal("sip:anonymous3@anonymous.invalid", scene.Participant(carol).Entity);
        Assert.Equal(alice.Text, scene.Participant(alice).Entity);
    }

    [Theory]
    [InlineData("none", false)]
    [InlineData("surprise", false)]
    [InlineData("id;critical", true)]
    [InlineData("session;critical", false)]
    [Trait("Spec", "IM 7.2.1.4/6")]
    public void Only_what_asks_that_others_do_not_see_him_hides_him(string privacy, bool hides)
    {
        var scene = Hidden();

        scene.Arrives(InviteGroup(bob).With("Privacy", privacy));

        Assert.Equal(hides, scene.Participant(bob).IsAnonymous);
    }

    [Fact, Trait("Spec", "IM 7.2.1.4/6")]
    public void A_from_that_names_nobody_hides_him_whatever_privacy_says()
    {
        var scene = Hidden();

        scene.Arrives(InviteGroup(carol).With("Privacy", "none")
            .WithHead(head => head with { From = Address(AnyFrom) }));

        Assert.Equal("sip:anonymous2@anonymous.invalid", scene.Participant(carol).Entity);
    }

    [Fact, Trait("Spec", "RFC 3323 5")]
    public void Without_critical_privacy_that_we_do_not_know_there_is_no_session()
    {
        var decision = Hidden().Arrives(InviteGroup(bob).With("Privacy", "invisible;critical"));

        var refusal = decision.Single<Respond>();
        Assert.Equal((500, "Privacy of that kind is not supported"), (refusal.Status.Code, refusal.Warning));
    }

    [Fact, Trait("Spec", "IM 7.2.1.4/2-a")]
    public void Where_nobody_may_hide_who_wants_to_does_not_join()
    {
        var scene = new Scene(With(GroupOfThree));
        scene.Calls(alice);

        var refusal = scene.Arrives(InviteGroup(bob).With("Privacy", "id")).Single<Respond>();

        Assert.Equal(403, refusal.Status.Code);
        Assert.Contains("allow-anonymity", refusal.Warning, StringComparison.Ordinal);
    }

    [Fact, Trait("Spec", "IM 7.2.3.2")]
    public void Who_brings_a_name_like_an_alias_gets_one_of_ours()
    {
        var scene = new Scene();
        var alias = Uri("sip:anonymous1@Anonymous.invalid.");

        scene.Arrives(Invite(alice, bob, alias).With("Privacy", "id"));

        Assert.Equal("sip:anonymous1@anonymous.invalid", scene.Participant(alice).Entity);
        Assert.Equal("sip:anonymous3@anonymous.invalid", scene.Participant(alias).Entity);
    }

    [Fact, Trait("Spec", "IM 7.2.3.2")]
    public void Who_is_asserted_to_be_nobody_hides()
    {
        var nobody = Uri("sip:anonymous2@anonymous.invalid");
        var request = Invite(nobody, alice, bob).WithHead(head => head with { From = Address("<sip:x@y>;tag=1") });

        Assert.True(AuthenticatedOriginator.AsksPrivacy(request));
    }

    [Fact, Trait("Spec", "IM 7.2.3.2")]
    public void Who_comes_again_while_he_is_here_keeps_alias_and_nickname()
    {
        var scene = Hidden(bob);
        Assert.Equal(200, scene.Nicknames(bob, "Snowcat"));

        scene.Arrives(InviteGroup(bob).With("Privacy", "id")
            .WithHead(head => head with { CallId = "again", Transaction = "again" }));

        var now = scene.Conference!.Participants.Values.Single(each => each.Leg.CallId == "again");
        Assert.Equal(("sip:anonymous2@anonymous.invalid", "Snowcat"), (now.Entity, now.Nickname));
    }

    [Fact, Trait("Spec", "IM 7.2.3.2")]
    public void Who_hides_no_longer_is_not_told_to_be_the_one_who_hid()
    {
        var scene = Hidden(bob);
        scene.Nicknames(bob, "Snowcat");

        scene.Arrives(InviteGroup(bob).WithHead(head => head with { CallId = "again", Transaction = "again" }));

        var now = scene.Conference!.Participants.Values.Single(each => each.Leg.CallId == "again");
        Assert.Equal((bob.Text, null), (now.Entity, now.Nickname));
    }
}
