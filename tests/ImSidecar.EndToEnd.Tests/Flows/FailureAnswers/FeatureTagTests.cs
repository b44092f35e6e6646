using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.FailureAnswers;

/// <summary>IM 7.9.1.1.4/3: the operator wants the feature tag in a SUBSCRIBE.</summary>
public class FeatureTagTests(DemoProfile profile) : FailureFlow(profile)
{
    protected override IReadOnlyList<string> Settings => ["--Controlling:RequireAcceptContact=true"];

    [Fact, Trait("Spec", "IM 7.9.1.1.4/3")]
    public async Task Who_does_not_name_it_does_not_watch()
    {
        var (alice, bob, _) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob]);

        var refused = await Within(bob.Subscribe(
            group.SessionIdentity, new() { Headers = [("Accept-Contact", null)] }).Answered);
        var accepted = await Within(bob.Subscribe(
            group.SessionIdentity, new() { Headers = [("Accept-Contact", "*;+g.oma.sip-im")] }).Answered);

        AssertRefused(refused, 403, "Accept-Contact lacks +g.oma.sip-im");
        Assert.Equal(200, accepted.Status);
    }
}
