using ImSidecar.Client.Calls;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>Appendix M as its text writes it, for an operator who wants it read: Controlling:LenientUri.</summary>
public class LenientUriTests(DemoProfile profile) : Flow(profile)
{
    protected override IReadOnlyList<string> Settings => ["--Controlling:LenientUri=true"];

    [Theory, Trait("Spec", "IM M/3")]
    [InlineData("bob@example.com;method=INVITE?Replaces: {0};to-tag={1};from-tag= {2}")]
    [InlineData("sip: bob@example.com ?Replaces={0};to-tag={1};from-tag={2}")]
    public async Task The_entry_of_the_text_reaches_him(string entry)
    {
        var (alice, bob, carol) = await RegisterThree();
        var calling = alice.Invite(bob.AddressOfRecord);
        var replaced = await Group.AcceptAsync(bob);
        var direct = await Within(calling.Answered);
        await Within(replaced.Acknowledged);
        var spelt = string.Format(
            System.Globalization.CultureInfo.InvariantCulture, entry, direct.CallId, direct.Dialog.RemoteTag,
            direct.LocalTag);

        _ = alice.StartGroup(DemoProfile.Factory, [spelt, carol.AddressOfRecord]);
        await Group.AcceptAsync(bob);
        await Group.AcceptAsync(carol);

        Assert.Equal(CallEndedBy.Us, (await Within(replaced.Ended)).By);
    }
}
