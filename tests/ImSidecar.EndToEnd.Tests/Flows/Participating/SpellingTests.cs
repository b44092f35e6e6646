using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.Participating;

/// <summary>Kamailio finds nobody under a name for whom his rules were not asked, RFC 3261 19.1.4.</summary>
public class SpellingTests(DemoProfile profile) : ServedFlow(profile)
{
    // The core alone knows who is there.
    protected override IReadOnlyList<string> Settings =>
        [.. base.Settings, "--Participating:RegistrationSources=None"];

    [Theory]
    [InlineData("sip:BOB@example.com", 480)]
    [InlineData("sip:%62ob@example.com", 403)]
    [InlineData("sip:bob:x@example.com", 403)]
    public async Task Who_is_blocked_does_not_reach_him_by_another_spelling(string spelt, int status)
    {
        var (alice, bob, carol) = await RegisterThree();
        await BlockAsync(alice.AddressOfRecord);

        Assert.Equal(status, (await SendAsync(alice, spelt)).Status);
        Assert.Equal(200, (await SendAsync(carol, bob.AddressOfRecord)).Status);
    }
}
