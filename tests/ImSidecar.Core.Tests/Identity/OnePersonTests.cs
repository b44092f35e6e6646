using ImSidecar.Core.Conferences;
using ImSidecar.Core.Controlling;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Tests.Identity;

/// <summary>IM 5.1: who asserts a sip and a tel URI is one user under both, in everything that names users.</summary>
public class OnePersonTests
{
    private static readonly SipUri number = Uri("tel:+1-555-1234");
    private static readonly SipUri phone = Uri("sip:+15551234@example.com;user=phone");

    /// <summary>Alice has opened the group, bob has joined it with both his addresses.</summary>
    private static Scene Joined()
    {
        var scene = new Scene(With(new GroupXml(skiers.Text, alice.Text, bob.Text, carol.Text, number.Text)
        {
            Rules = GroupXml.OfMembers.Replace(
                "<join-handling>",
                "<oxe:allow-expelling>true</oxe:allow-expelling>"
                + "<allow-invite-users-dynamically>true</allow-invite-users-dynamically><join-handling>",
                StringComparison.Ordinal),
        }));
        scene.Calls(alice);
        scene.Acknowledges(alice);
        scene.Arrives(WithBoth(InviteGroup(bob)));
        scene.Acknowledges(bob);
        return scene;
    }

    private static T WithBoth<T>(T request)
        where T : ImRequest => request.WithHead(head => head with { Identities = [new(bob), new(number)] });

    private static T WithNumber<T>(T request)
        where T : ImRequest => request.WithHead(head => head with { Identities = [new(number)] });

    [Fact, Trait("Spec", "IM 5.1")]
    public void He_is_expelled_by_his_number()
    {
        var scene = Joined();

        scene.Expels(alice, phone);

        Assert.Equal(["bob"], scene.ByesSent);
    }

    [Fact, Trait("Spec", "IM 5.1")]
    public void He_leaves_by_a_refer_to_his_own_number()
    {
        var scene = new Scene(With(GroupOfThree));
        scene.Arrives(WithBoth(InviteGroup(bob)));
        scene.Acknowledges(bob);

        Assert.Equal(202, scene.Expels(bob, number).Single<Respond>().Status.Code);
        Assert.Equal(["bob"], scene.ByesSent);
    }

    [Fact, Trait("Spec", "IM 5.1")]
    public void Who_is_in_is_not_invited_by_his_number()
    {
        var scene = Joined();

        scene.Refers(alice, phone);

        Assert.DoesNotContain(
            scene.Last.Effects.OfType<SendRequest>(), request => request.Request.Method == "INVITE");
    }

    [Fact, Trait("Spec", "IM 5.1")]
    public void He_watches_under_his_number_until_he_leaves()
    {
        var scene = Joined();

        scene.Arrives(WithNumber(Subscribe(bob).WithHead(head => head with { Uri = skiers })));
        Assert.Equal(200, scene.Last.Effects.OfType<Respond>().Single().Status.Code);
        scene.Later(10).Leaves(bob);

        Assert.NotNull(scene.Conference!.Subscriptions.Values.Single().EndReason);
    }

    [Fact, Trait("Spec", "IM 5.1")]
    public void Subscriptions_under_both_addresses_are_his()
    {
        var scene = Joined();
        scene.Facts = scene.Facts with { Operator = policy with { MaxSubscriptionsPerUser = 1 } };
        scene.Arrives(WithNumber(Subscribe(bob).WithHead(head => head with { Uri = skiers })));

        var again = scene.Arrives(WithBoth(Subscribe(bob))
            .WithHead(head => head with { Uri = skiers, CallId = "second" }));

        Assert.Equal(403, again.Effects.OfType<Respond>().Single().Status.Code);
    }

    [Fact, Trait("Spec", "IM 5.1")]
    public void Who_is_barred_by_his_number_does_not_come_under_another_name()
    {
        var scene = new Scene(With(policy with { Barred = [number.PersonKey] }));

        Assert.Equal(403, scene.Arrives(WithBoth(Invite(bob, alice, carol))).Single<Respond>().Status.Code);
    }

    [Fact, Trait("Spec", "IM 5.1"), Trait("Spec", "RFC 5366 4.1")]
    public void A_list_names_him_once_and_never_who_sends_it()
    {
        var dave = Uri("sip:+15557@a.example;user=phone");
        var request = WithBoth(Invite(bob, phone, number, carol, dave, Uri("tel:+15557")));

        Assert.True(RecipientListReader.TryRead(request, bob, policy, out var invitees, out _));

        Assert.Equal(
            [carol.Text, dave.Text], invitees.Select(invitee => invitee.Address.Text));
    }

    [Fact, Trait("Spec", "IM 5.1")]
    public void He_takes_part_once_whichever_address_he_comes_by()
    {
        var scene = Joined();

        scene.Arrives(WithNumber(InviteGroup(bob))
            .WithHead(head => head with { CallId = "again", Transaction = "again" }));

        Assert.Equal(["bob"], scene.ByesSent);
        Assert.Equal(2, scene.Conference!.Participants.Values.Count(each => each.IsAttending));
    }
}
