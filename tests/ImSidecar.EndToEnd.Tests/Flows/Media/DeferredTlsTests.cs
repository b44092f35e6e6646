using ImSidecar.Client.Calls;
using ImSidecar.Client.Messages;
using ImSidecar.Client.Msrp;
using ImSidecar.EndToEnd.Tests.Flows.Deferred;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.Media;

/// <summary>App. D.2 over TLS: what is left for who is away, and how it comes.</summary>
public sealed class DeferredTlsTests(DemoProfile profile) : DeferredFlow(profile)
{
    protected override IReadOnlyList<string> Settings =>
        [.. base.Settings, .. TlsFiles.Settings, "--Controlling:MediaTls=Always"];

    [Fact]
    public async Task What_was_said_over_TLS_comes_over_TLS()
    {
        var alice = await Register("alice");
        var left = await Within(
            alice.Invite(Bob, new() { Msrp = new() { Tls = MsrpTls.SelfSigned("alice") } }).Answered);
        await Within(left.Msrp!.Connected);
        Assert.Equal(200, (await Within(left.Msrp.SendTextAsync("sip:alice@example.com", Bob, "hello"))).Status);
        await Within(left.ByeAsync());

        var (_, push) = await ComesAsync();
        var call = (await Within(push.AcceptAsync(
            new() { Msrp = DeferredPush.AnyForm with { Tls = MsrpTls.SelfSigned("bob") } })))!;

        Assert.Equal("hello", DeferredText.Of(await Next(call.Msrp!.Messages))!.Text);
        Assert.Equal(CallEndedBy.Peer, (await Within(call.Ended)).By);
        Assert.Equal([TlsFiles.First.Fingerprint], left.Msrp.Remote!.Fingerprints);
        Assert.Equal([TlsFiles.First.Fingerprint], call.Msrp.Remote!.Fingerprints);
        await AssertKeptAsync(0);
    }
}
