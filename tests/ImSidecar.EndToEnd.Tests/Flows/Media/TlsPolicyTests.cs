using ImSidecar.Client.Msrp;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.Media;

/// <summary>Controlling:MediaTls, where MSRP goes over TLS only.</summary>
public class TlsPolicyTests(DemoProfile profile) : MediaFlow(profile)
{
    protected override IReadOnlyList<string> Settings => [.. TlsFiles.Settings, "--Controlling:MediaTls=Always"];

    [Fact]
    public async Task Who_is_invited_is_offered_TLS_and_who_offers_none_is_refused()
    {
        var (alice, bob, carol) = await RegisterThree();

        var refused = await Refusal(carol, [bob.AddressOfRecord]);
        var group = await Group.StartAsync(
            alice, [bob], Over(new() { Tls = MsrpTls.SelfSigned("alice") }),
            new() { Msrp = new() { Tls = MsrpTls.SelfSigned("bob") } });
        Assert.Equal(200, await group.SayAsync(alice, "nobody listens"));

        Assert.Equal((488, "MSRP must use TLS"), (refused.Status, WarningOf(refused)));
        Assert.Equal("nobody listens", (await group.HearAsync(bob)).Text);
        Assert.Equal([TlsFiles.First.Fingerprint], group[bob].Msrp!.Remote!.Fingerprints);
    }
}
