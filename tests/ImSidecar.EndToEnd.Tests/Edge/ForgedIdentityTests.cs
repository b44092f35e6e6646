using ImSidecar.Client.Calls;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Edge;

/// <summary>IM 5.1: in whatever way a handset asserts that it is alice, it stays who its password says.</summary>
public class ForgedIdentityTests(DemoProfile profile) : Flow(profile)
{
    private const string Alice = "<sip:alice@example.com>";

    public static TheoryData<string, string> Forgeries => new()
    {
        { "P-Asserted-Identity", Alice },
        { "p-asserted-identity", $"\"Alice\" {Alice}" },
        { "P-ASSERTED-IDENTITY", $"{Alice}, <tel:+15551>" },
        { "P-Asserted-Identity ", Alice },
        { "P-Asserted-Identity\t", Alice },
        { "P-Asserted-Identity", $"\r\n {Alice}" },
        { "P-Asserted-Identity", string.Join(",\r\n ", Enumerable.Repeat(Alice, 40)) },
        { "P-Preferred-Identity", Alice },
        { "P-Served-User", $"{Alice};sescase=orig;regstate=reg" },
        { "Remote-Party-ID", $"{Alice};party=calling;screen=yes" },
        { "From", $"{Alice};tag=1" },
    };

    [Theory, Trait("Spec", "IM 5.1"), MemberData(nameof(Forgeries))]
    public async Task The_invitee_sees_who_authenticated(string name, string value)
    {
        var bob = await Register("bob");
        var dave = Stranger("dave");

        var starting = dave.StartGroup(
            DemoProfile.Factory, [bob.AddressOfRecord, "sip:nobody@example.com"], Forged(name, value));
        var call = await Group.AcceptAsync(bob);
        await Within(starting.Answered);

        Assert.Equal("<sip:dave@example.com>", call.Invite["Referred-By"]);
        AssertNobodyIsAlice(call);
    }

    [Theory, Trait("Spec", "IM 5.1"), MemberData(nameof(Forgeries))]
    public async Task Nobody_gets_into_a_group_as_somebody_else(string name, string value)
    {
        var (alice, bob, _) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob]);
        var dave = Stranger("dave");

        var watching = dave.Subscribe(group.SessionIdentity, new() { Headers = [(name, value)] });
        var joining = dave.Invite(group.SessionIdentity, Forged(name, value));

        Assert.Equal(403, (await Within(watching.Answered)).Status);
        Assert.Equal(403, (await Within(joining.Final)).Status);
        Assert.Equal(200, await group.SayAsync(bob, "we are two"));
        Assert.Equal("we are two", (await group.HearAsync(alice)).Text);
    }

    [Theory, MemberData(nameof(Forgeries))]
    public async Task A_handset_that_is_called_directly_is_told_who_authenticated(string name, string value)
    {
        var bob = await Register("bob");
        var dave = Stranger("dave");

        var calling = dave.Invite(bob.AddressOfRecord, Forged(name, value));
        var call = await Group.AcceptAsync(bob);
        await Within(calling.Answered);

        Assert.Equal(["<sip:dave@example.com>"], call.Invite.List("P-Asserted-Identity"));
        Assert.Null(call.Invite["Remote-Party-ID"]);
        Assert.Null(call.Invite["P-Served-User"]);
        Assert.Null(call.Invite["P-Preferred-Identity"]);
    }

    [Fact]
    public async Task A_barred_user_stays_barred_with_every_forgery_at_once()
    {
        var mallory = Stranger("mallory");

        var answer = await Refusal(
            mallory, ["sip:bob@example.com"],
            new() { Headers = [.. Forgeries.Select(row => (row.Data.Item1, (string?)row.Data.Item2))] });

        Assert.Equal(403, answer.Status);
    }

    private static InviteOptions Forged(string name, string value) => new() { Headers = [(name, value)] };

    // Alice may be named as the one who claims to call; never as the one who does.
    private static void AssertNobodyIsAlice(Call call) => Assert.DoesNotContain(
        call.Invite.Headers,
        header => header.Name != "From" && header.Value.Contains("alice", StringComparison.Ordinal));
}
