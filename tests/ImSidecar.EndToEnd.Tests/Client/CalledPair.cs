using ImSidecar.Client;
using ImSidecar.Client.Calls;
using ImSidecar.Client.Msrp;
using ImSidecar.Client.Sip.Transport;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Client;

/// <summary>Alice has called bob, without a proxy, and both are connected by MSRP.</summary>
internal sealed class CalledPair(Handset alice, Handset bob, Call aliceCall, Call bobCall) : IAsyncDisposable
{
    public Handset Alice => alice;

    public Handset Bob => bob;

    public Call AliceCall => aliceCall;

    public Call BobCall => bobCall;

    public MsrpSession AliceMsrp => aliceCall.Msrp!;

    public MsrpSession BobMsrp => bobCall.Msrp!;

    public static async Task<CalledPair> StartAsync(
        MsrpOptions? bobs = null, InviteOptions? invite = null, Func<WireRecord, TimeSpan>? delay = null)
    {
        var alice = Handset("alice", delay: delay);
        var bob = Handset("bob", delay: delay);
        var calling = alice.Invite(bob.AddressOfRecord, invite, HopTo(bob));
        var ringing = await Next(bob.IncomingCalls);
        var bobCall = await Within(ringing.AcceptAsync(new() { Msrp = bobs ?? new() }));
        var aliceCall = await Within(calling.Answered);
        await Within(Task.WhenAll(aliceCall.Msrp!.Connected, bobCall!.Msrp!.Connected));
        return new(alice, bob, aliceCall, bobCall);
    }

    public void AssertNoViolations()
    {
        Assert.Empty(alice.Violations);
        Assert.Empty(bob.Violations);
    }

    public async ValueTask DisposeAsync()
    {
        await alice.DisposeAsync();
        await bob.DisposeAsync();
    }
}
