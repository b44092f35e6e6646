using ImSidecar.Client.Sip.Transport;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Sipp;

/// <summary>IM 7.2.1.12 with SIPp as the subscriber, the second phone of a participant.</summary>
public class SubscriberTests(DemoProfile profile) : SippFlow(profile)
{
    [Theory, Trait("Spec", "IM 7.2.1.12/5")]
    [InlineData(SipProtocol.Udp)]
    [InlineData(SipProtocol.Tcp)]
    public async Task It_subscribes_refreshes_and_ends_it(SipProtocol transport)
    {
        var (alice, bob) = (await Register("alice"), await Register("bob"));
        var starting = alice.StartGroup(DemoProfile.Factory, [bob.AddressOfRecord]);
        var rings = await Next(bob.IncomingCalls);
        await Within(rings.AcceptAsync());
        var session = (await Within(starting.Answered)).SessionIdentity;

        await using var sipp = SippRun.Start("subscriber.xml", NewPhone(transport) with
        {
            User = "bob",
            DigestUri = session["sip:".Length..],
            Keys = [("session", session)],
        });

        await sipp.SucceedsAsync();
    }

    [Theory]
    [InlineData(SipProtocol.Udp)]
    [InlineData(SipProtocol.Tcp)]
    public async Task It_registers_and_takes_it_back(SipProtocol transport)
    {
        var phone = NewPhone(transport);
        var port = SippRun.FreePort();

        await Register(phone, port);
        await Register(phone, port, 0);
    }
}
