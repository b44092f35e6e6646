using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Ims;

/// <summary>A Request-URI without scheme, as Appendix M has it, where Kamailio and sidecar are to read it.</summary>
public class LenientRequestTests(ImsProfile profile) : ImsFlow(profile)
{
    [Fact, Trait("Spec", "IM M/3")]
    public async Task It_is_the_factory_all_the_same()
    {
        var (alice, bob) = (await AtTheEdge("alice"), await AtTheEdge("bob"));

        var starting = alice.StartGroup(
            "conf-factory@im.example.com", [bob.AddressOfRecord],
            new() { Headers = [("To", $"<{DemoProfile.Factory}>")] });
        await Group.AcceptAsync(bob);

        Assert.Equal(200, (await Within(starting.Final)).Status);
    }
}
