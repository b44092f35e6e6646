using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>IM 5.1: whose word counts. The core's on 5070; a handset's only as far as it authenticated.</summary>
public class TrustTests(DemoProfile profile) : Flow(profile)
{
    private const string Identity = "P-Asserted-Identity";

    [Fact, Trait("Spec", "IM 5.1")]
    public async Task An_identity_that_a_handset_asserts_is_not_believed()
    {
        var (alice, bob, carol) = await RegisterThree();
        var dave = await Register("dave");
        var group = await Group.StartAsync(alice, [bob, carol]);

        var forged = dave.Subscribe(group.SessionIdentity, new() { Headers = [(Identity, "<sip:alice@example.com>")] });

        Assert.Equal(403, (await Within(forged.Answered)).Status);
    }

    [Fact, Trait("Spec", "IM 5.1")]
    public async Task A_barred_handset_cannot_call_itself_another()
    {
        var mallory = await Register("mallory");

        var answer = await Refusal(
            mallory, ["sip:bob@example.com"],
            new() { Headers = [(Identity, "<sip:alice@example.com>"), ("From", "<sip:alice@example.com>;tag=1")] });

        Assert.Equal(403, answer.Status);
    }

    [Fact, Trait("Spec", "IM 5.1")]
    public async Task The_core_is_believed()
    {
        var bob = await Register("bob");
        var core = Stranger("somebody");

        var starting = core.StartGroup(
            DemoProfile.Factory, [bob.AddressOfRecord, "sip:nobody@example.com"],
            new() { Headers = [(Identity, "<sip:alice@example.com>")] }, Core);
        var call = await Group.AcceptAsync(bob);
        await Within(starting.Answered);

        Assert.Equal("<sip:alice@example.com>", call.Invite["Referred-By"]);
    }

    [Fact]
    public async Task The_core_must_say_who_it_is()
    {
        var core = Stranger("somebody");

        var answer = await Within(core.StartGroup(DemoProfile.Factory, ["sip:bob@example.com"], hop: Core).Final);

        Assert.Equal((403, "Originator not authenticated"), (answer.Status, WarningOf(answer)));
    }

    [Theory]
    [InlineData(5060)]
    [InlineData(5070)]
    public async Task A_forged_done_mark_is_not_believed(int port)
    {
        var (alice, bob, _) = await RegisterThree();
        (string, string?)[] headers =
        [
            ("Route", "<sip:done@127.0.0.1:5070;lr;mark=0123456789abcdef0123456789abcdef>"),
            (Identity, "<sip:alice@example.com>"),
        ];

        var starting = alice.StartGroup(
            DemoProfile.Factory, [bob.AddressOfRecord], new() { Headers = headers }, port == 5070 ? Core : null);
        await Group.AcceptAsync(bob);

        Assert.Equal(200, (await Within(starting.Final)).Status);
    }
}
