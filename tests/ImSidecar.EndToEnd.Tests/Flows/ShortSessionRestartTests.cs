using ImSidecar.Client.Calls;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>IM 7.2.1.11 over a restart, however long that takes: the session of alice alone is short.</summary>
public class ShortSessionRestartTests(DemoProfile profile) : Flow(profile)
{
    private static readonly InviteOptions _short = new() { KeepsSessionTimer = false, SessionExpires = "3" };

    protected override IReadOnlyList<string> Settings => ["--Controlling:MinSessionInterval=00:00:01"];

    [Theory, Trait("Spec", "IM 7.2.1.11/exp"), InlineData(false), InlineData(true)]
    public async Task The_deadline_outlives_the_sidecar(bool refreshes)
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol], _short);
        if (refreshes)
        {
            var refreshed = group[alice].UpdateAsync([("Supported", "timer"), ("Session-Expires", "3;refresher=uac")]);
            Assert.Equal(200, (await Within(refreshed)).Status);
        }

        await Profile.KillSidecarAsync();
        await Profile.StartSidecarAsync();

        Assert.Equal(CallEndedBy.Peer, (await Within(group[alice].Ended)).By);
        Assert.False(group[bob].Ended.IsCompleted);
    }
}
