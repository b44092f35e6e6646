using ImSidecar.Client.Calls;
using ImSidecar.Client.Sip.Transport;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>RFC 5366 and RFC 5363: recipient lists and offers in the shapes that clients send.</summary>
public class RecipientListTests(DemoProfile profile) : Flow(profile)
{
    [Fact, Trait("Spec", "IM 7.2.1.2/8")]
    public async Task Everybody_is_invited_once_and_the_inviter_never()
    {
        var (alice, bob, carol) = await RegisterThree();

        var starting = alice.StartGroup(DemoProfile.Factory,
        [
            "sip:bob@example.com", "sip:%62ob@EXAMPLE.com", "sip:bob@example.com;method=INVITE",
            "sip:alice@example.com", "sip:carol@example.com", "sip:bob@example.com?Subject=again",
        ]);
        await Group.AcceptAsync(bob);
        await Group.AcceptAsync(carol);
        var call = await Within(starting.Answered);
        var watching = alice.Subscribe(call.SessionIdentity);
        var told = await ReadUntil(watching, each => each.Roster.Count == 3);

        Assert.Equal(
            [alice.AddressOfRecord, bob.AddressOfRecord, carol.AddressOfRecord],
            told[^1].Roster.Select(user => user.Entity));
        Assert.False(bob.IncomingCalls.TryPeek(out _));
        Assert.False(alice.IncomingCalls.TryPeek(out _));
    }

    [Theory]
    [InlineData("deflate")]
    [InlineData("gzip")]
    public async Task A_compressed_list_is_read(string coding)
    {
        var (alice, bob, carol) = await RegisterThree();

        await Group.StartAsync(alice, [bob, carol], new() { ListEncoding = coding });
    }

    [Fact]
    public async Task An_INVITE_without_offer_gets_one_in_the_answer()
    {
        var (alice, bob, carol) = await RegisterThree();

        var group = await Group.StartAsync(alice, [bob, carol], new() { Offer = SdpOffer.Late });
        Assert.Equal(200, await group.SayAsync(alice, "I answered in the ACK"));

        Assert.True(group[alice].Invite.SdpBody.IsEmpty);
        Assert.Contains("a=setup:actpass", group[alice].Answer.Text, StringComparison.Ordinal);
        Assert.Equal("I answered in the ACK", (await group.HearAsync(bob)).Text);
    }

    [Fact]
    public async Task An_offer_without_setup_is_answered_passively()
    {
        var (alice, bob, _) = await RegisterThree();

        var group = await Group.StartAsync(alice, [bob], new() { Msrp = new() { OfferedSetup = null } });

        Assert.Equal(200, await group.SayAsync(alice, "as in RFC 4975"));
    }

    [Fact, Trait("Spec", "IM 7.2.1.2/7")]
    public async Task A_list_of_thousands_is_refused()
    {
        var alice = await Register("alice", SipProtocol.Tcp);
        var bob = await Register("bob", SipProtocol.Tcp);

        var thousands = Enumerable.Range(1, 5000).Select(number => $"sip:user{number}@example.com");

        var answer = await Refusal(alice, [bob.AddressOfRecord, .. thousands]);

        Assert.InRange(answer.Status, 400, 499);
        Assert.NotNull(WarningOf(answer));
        Assert.False(bob.IncomingCalls.TryPeek(out _));
    }
}
