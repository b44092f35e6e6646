using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.Participating;

/// <summary>An operator under whom nobody learns that he is blocked.</summary>
public class PoliteBlockTests(DemoProfile profile) : ServedFlow(profile)
{
    protected override IReadOnlyList<string> Settings =>
        [.. base.Settings, "--Participating:RejectStatus=480", "--Participating:PoliteBlock=true"];

    [Fact]
    public async Task A_blocked_caller_hears_what_he_would_hear_if_nobody_were_there()
    {
        var (alice, bob, carol) = await RegisterThree();
        await BlockAsync(alice.AddressOfRecord);

        var blocked = await Within(alice.Invite(bob.AddressOfRecord).Final);
        var message = await SendAsync(alice, bob.AddressOfRecord);
        Assert.Equal(200, (await SendAsync(carol, bob.AddressOfRecord, "from carol")).Status);
        await Within(bob.RegisterAsync(0));
        var away = await Within(alice.Invite(bob.AddressOfRecord).Final);
        await BlockAsync();
        var offline = await Within(alice.Invite(bob.AddressOfRecord).Final);

        Assert.Equal((480, NotAvailable, 202), (blocked.Status, WarningOf(blocked), message.Status));
        foreach (var answer in (ImSidecar.Client.Sip.SipMessage[])[away, offline])
            Assert.Equal((blocked.Status, blocked.Reason, blocked["Warning"]), (answer.Status, answer.Reason, answer["Warning"]));
        Assert.Equal("from carol", (await Next(bob.Messages)).Text);
    }
}
