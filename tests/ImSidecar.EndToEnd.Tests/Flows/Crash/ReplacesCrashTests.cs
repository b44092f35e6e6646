using ImSidecar.Client.Calls;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.Crash;

/// <summary>Appendix M: the sidecar dies before the invitation that replaces a session has left.</summary>
public class ReplacesCrashTests(DemoProfile profile) : CrashFlow(profile)
{
    [Fact, Trait("Spec", "IM M/5")]
    public async Task The_invitation_leaves_as_it_was_saved()
    {
        var (alice, bob, carol) = await RegisterThree();
        var dave = await Register("dave");
        var group = await Group.StartAsync(alice, [bob, carol]);
        var calling = alice.Invite(dave.AddressOfRecord);
        var replaced = await Group.AcceptAsync(dave);
        var direct = await Within(calling.Answered);
        await Within(replaced.Acknowledged);

        // The store begins its log with two writes: the third one is the REFER.
        await Profile.DieAtSaveAsync(3);
        _ = group[alice].ReferAsync($"<{direct.ReplacingUri}>");
        await Until(() => Profile.Sidecar.HasExited);
        Assert.False(dave.IncomingCalls.TryPeek(out _));
        Profile.LetLive();
        await Profile.StartSidecarAsync();
        var daves = await Group.AcceptAsync(dave);

        Assert.NotNull(daves.Invite["Replaces"]);
        Assert.True(daves.Invite.Lists("Require", "replaces"));
        Assert.Equal(CallEndedBy.Us, (await Within(replaced.Ended)).By);
        await LeaveAsync(daves, group[alice], group[bob], group[carol]);
    }
}
