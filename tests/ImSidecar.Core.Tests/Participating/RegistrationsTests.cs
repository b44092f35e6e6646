using ImSidecar.Core.Conferences;
using ImSidecar.Core.Participating;

namespace ImSidecar.Core.Tests.Participating;

/// <summary>Where a user is, RFC 3261 10.3: contacts come, are prolonged, and go.</summary>
public class RegistrationsTests
{
    private const string Tablet = "sip:bob@192.0.2.21:5060";

    private static bool IsThere(Serving serving) => serving.State?.IsRegistered(serving.Now) == true;

    [Fact]
    public void A_contact_is_there_until_it_expires_and_then_nothing_is_left_to_be_known()
    {
        var serving = new Serving();
        serving.Registers(Serving.Phone, 600);
        Assert.True(IsThere(serving));
        Assert.Equal(serving.Now.AddSeconds(600), ServedUserMachine.NextDue(serving.State!));

        serving.Elapses(TimeSpan.FromSeconds(599));
        Assert.True(IsThere(serving));
        serving.Elapses(TimeSpan.FromSeconds(1));

        Assert.Null(serving.State);
    }

    [Fact]
    public void A_refresh_prolongs_it()
    {
        var serving = new Serving();
        serving.Registers(Serving.Phone, 600);
        serving.Elapses(TimeSpan.FromSeconds(300));
        serving.Registers(Serving.Phone, 600);

        serving.Elapses(TimeSpan.FromSeconds(400));

        Assert.True(IsThere(serving));
        Assert.Equal(2, serving.State!.Revision);
    }

    [Fact]
    public void One_of_several_contacts_goes_and_the_others_stay()
    {
        var serving = Serving.Registered();
        serving.Registers(Tablet, 600);

        serving.Registers(Serving.Phone, 0);
        Assert.True(IsThere(serving));

        serving.Registers(Tablet, 0);
        Assert.False(IsThere(serving));
    }

    [Fact]
    public void All_may_go_at_once()
    {
        var serving = Serving.Registered();
        serving.Registers(Tablet, 600);

        serving.Registers("*", 0);

        Assert.False(IsThere(serving));
        serving.Elapses(policy.ForgetAfter);
        Assert.Null(serving.State);
    }

    [Fact]
    public void Older_news_of_a_contact_changes_nothing()
    {
        var serving = new Serving();
        serving.Registers(Serving.Phone, 600, cseq: 5);
        var before = serving.State;

        serving.Registers(Serving.Phone, 0, cseq: 4);
        serving.Registers(Serving.Phone, 600, cseq: 5);

        Assert.Same(before, serving.State);
    }

    [Fact]
    public void Older_news_brings_nobody_back_who_has_gone()
    {
        var serving = new Serving();
        serving.Registers(Serving.Phone, 600, cseq: 1);
        serving.Registers(Serving.Phone, 0, cseq: 2);

        serving.Registers(Serving.Phone, 600, cseq: 1);
        Assert.False(IsThere(serving));

        serving.Registers(Serving.Phone, 600, cseq: 3);
        Assert.True(IsThere(serving));
    }

    [Fact]
    public void A_phone_that_has_restarted_counts_from_one_again()
    {
        var serving = new Serving();
        serving.Registers(Serving.Phone, 0, cseq: 100);

        serving.Registers(Serving.Phone, 600, call: "another", cseq: 1);

        Assert.True(IsThere(serving));
    }

    [Theory]
    [InlineData("+g.oma.sip-im", true)]
    [InlineData("+G.OMA.SIP-IM.large-message", true)]
    [InlineData("audio +g.oma.sip-im=\"TRUE\"", true)]
    [InlineData("", true)]
    [InlineData("audio", false)]
    [InlineData("+g.oma.sip-immersive", false)]
    public void A_phone_that_says_what_it_can_has_to_say_that_it_can_do_this(string tags, bool isThere)
    {
        var serving = new Serving();

        serving.Registers(Serving.Phone, 600, tags);

        Assert.Equal(isThere, IsThere(serving));
    }

    [Fact]
    public void What_is_told_by_nobody_we_asked_is_not_heard()
    {
        var serving = new Serving
        {
            Participating = Serving.participating with { Sources = [RegistrationSource.ThirdParty] },
        };

        serving.Registers(Serving.Phone, 600);

        Assert.Null(serving.State);
    }

    [Fact]
    public void Of_too_many_contacts_those_stay_that_stay_longest()
    {
        var serving = new Serving { Participating = Serving.participating with { MaxContacts = 3 } };
        for (var i = 1; i <= 5; i++)
            serving.Registers($"sip:bob@192.0.2.{i}", 600 + i);

        Assert.Equal(
            ["sip:bob@192.0.2.3", "sip:bob@192.0.2.4", "sip:bob@192.0.2.5"],
            serving.State!.Contacts.Select(each => each.Contact).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_a_phone_writes_without_measure_is_not_kept()
    {
        var serving = new Serving();
        serving.Registers("sip:bob@192.0.2.20;x=" + new string('x', 3000), 600);
        Assert.Null(serving.State);

        string[] told = ["+x=" + new string('x', 300), .. Enumerable.Range(0, 100).Select(i => $"+y{i}")];
        serving.Happens(new RegistrationChanged(bob, new(
            RegistrationSource.ThirdParty, [new(Serving.Phone, [.. told], 600)], "call", 1)));

        var tags = Assert.Single(serving.State!.Contacts).FeatureTags;
        Assert.Equal((64, "+y0"), (tags.Length, tags[0]));
    }

    [Fact]
    public void A_full_node_takes_nobody_new_and_forgets_nobody()
    {
        var serving = new Serving { OfNode = Serving.participating.MaxServedUsers };
        serving.Registers(Serving.Phone, 600);
        serving.Sets(isActive: false);
        Assert.Null(serving.State);

        var known = Serving.Registered();
        known.OfNode = Serving.participating.MaxServedUsers;
        known.Registers(Tablet, 600);
        Assert.Equal(2, known.State!.Contacts.Length);
    }

    [Fact]
    public void Settings_stay_when_the_last_contact_is_gone()
    {
        var serving = Serving.Registered();
        serving.Sets(isVisible: false);
        serving.Elapses(TimeSpan.FromHours(1));

        Assert.False(serving.State!.Settings.IsVisible);
        Assert.Null(ServedUserMachine.NextDue(serving.State));

        serving.Sets();
        Assert.Null(serving.State);
    }
}
