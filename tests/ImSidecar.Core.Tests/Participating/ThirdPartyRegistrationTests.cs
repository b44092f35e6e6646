using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Tests.Participating;

/// <summary>3GPP TS 24.229 5.4.1.7: an S-CSCF registers its users here.</summary>
public class ThirdPartyRegistrationTests
{
    private static readonly SipUri _scscf = Uri("sip:scscf.example.com");

    private static RegisterRequest Register(
        int expires, int cseq = 1, ImmutableArray<ContactBinding> contacts = default, SipUri? user = null) =>
        new(Head("REGISTER", _scscf, factory) with
        {
            To = new(user ?? bob),
            CSeq = cseq,
            Contact = new(_scscf),
            IsTrusted = true,
        })
        {
            Expires = expires,
            Contacts = contacts,
        };

    private static Respond Answer(Serving serving, RegisterRequest request) =>
        Assert.IsType<Respond>(serving.Answers(request));

    private static bool IsThere(Serving serving) => serving.State?.IsRegistered(serving.Now) == true;

    [Fact]
    public void Who_registers_is_there_for_as_long_as_the_core_says()
    {
        var serving = new Serving();

        var response = Answer(serving, Register(600));

        Assert.Equal((200, "600"), (response.Status.Code, response.Headers.First("Expires")));
        Assert.Equal("<sip:scscf.example.com>;expires=600", response.Headers.First("Contact"));
        Assert.Equal("sip:scscf.example.com", Assert.Single(serving.State!.Contacts).Contact);
        Assert.True(IsThere(serving));
        serving.Elapses(TimeSpan.FromSeconds(600));
        Assert.False(IsThere(serving));
    }

    [Fact]
    public void Who_registers_no_longer_is_gone_with_all_contacts()
    {
        var serving = new Serving();
        Answer(serving, Register(600, 1, [new("sip:bob@192.0.2.1", [FeatureTags.Im], 7200)]));
        Answer(serving, Register(600, 2, [new("sip:bob@192.0.2.2", [FeatureTags.Im], null)]));
        Assert.All(serving.State!.Contacts, each => Assert.Equal(serving.Now.AddSeconds(600), each.ExpiresAt));

        Answer(serving, Register(600, 3, [new("sip:bob@192.0.2.1", [], 0)]));
        Assert.True(IsThere(serving));
        Assert.Equal("0", Answer(serving, Register(0, 4)).Headers.First("Expires"));

        Assert.False(IsThere(serving));
    }

    [Fact]
    public void A_phone_that_cannot_do_this_is_not_there_for_it()
    {
        var serving = new Serving();

        Answer(serving, Register(600, 1, [new("sip:bob@192.0.2.1", ["audio"], 600)]));

        Assert.False(IsThere(serving));
    }

    [Fact]
    public void Only_the_core_is_believed()
    {
        var serving = new Serving();

        var register = Register(600).WithHead(head => head with { IsTrusted = false });

        Assert.Equal(403, Answer(serving, register).Status.Code);
        Assert.Null(serving.State);
    }

    [Fact]
    public void Somebody_elses_users_are_not_known_here() =>
        Assert.Equal(404, Answer(new Serving(), Register(600, user: carol)).Status.Code);

    [Fact]
    public void The_same_once_more_changes_nothing()
    {
        var serving = new Serving();
        Answer(serving, Register(600));
        var before = serving.State;

        Assert.Equal(200, Answer(serving, Register(600)).Status.Code);

        Assert.Same(before, serving.State);
    }

    [Fact]
    public void A_full_node_says_so_and_a_user_who_goes_is_gone_there_too()
    {
        var serving = new Serving { OfNode = Serving.participating.MaxServedUsers };

        Assert.Equal(503, Answer(serving, Register(600)).Status.Code);
        Assert.Equal(200, Answer(serving, Register(0)).Status.Code);
    }
}
