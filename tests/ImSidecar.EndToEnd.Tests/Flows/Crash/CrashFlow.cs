using ImSidecar.Client;
using ImSidecar.Client.Calls;
using ImSidecar.Client.Msrp;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.Crash;

/// <summary>A flow in which somebody dies; who believes to be in a session afterwards must be in one.</summary>
public abstract class CrashFlow(DemoProfile profile) : Flow(profile)
{
    /// <summary>The sidecar dies and comes back.</summary>
    protected async Task CrashAsync()
    {
        await Profile.KillSidecarAsync();
        await Profile.StartSidecarAsync();
    }

    /// <summary>It has died at the chosen point, or did not come so far; then it is there again.</summary>
    protected async Task DiedAsync()
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(4));
        try
        {
            while (!Profile.Sidecar.HasExited)
                await tick.WaitForNextTickAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            // The ladder has fewer arrows this time: several events went into one save.
        }

        Profile.LetLive();
        await Profile.StartSidecarAsync();
    }

    /// <summary>All of Kamailio dies and comes back.</summary>
    protected async Task CrashKamailioAsync()
    {
        await Profile.KillKamailioAsync();
        await Profile.StartKamailioAsync();
    }

    /// <summary>An inviter and one invitee who talk, while another one rings.</summary>
    protected static async Task<(Group Group, IncomingCall Ringing)> TalkWhileOneRings(
        Handset alice, Handset bob, Handset carol)
    {
        var starting = alice.StartGroup(DemoProfile.Factory, [bob.AddressOfRecord, carol.AddressOfRecord]);
        var ringing = await Next(carol.IncomingCalls);
        await ringing.RingAsync();
        var bobs = await Group.AcceptAsync(bob);
        var group = Group.Of((alice, await Within(starting.Answered)), (bob, bobs));
        await group.ConnectedAsync();
        return (group, ringing);
    }

    /// <summary>MSRP stands again, each hears the other, and the one who leaves gets his 200.</summary>
    protected static async Task TalkAsync(Group group, params Handset[] handsets)
    {
        foreach (var handset in handsets)
            await ConnectAsync(group[handset].Msrp!);

        foreach (var speaker in handsets)
        {
            var text = await SayAsync(group, speaker);
            foreach (var listener in handsets.Where(each => each != speaker))
            {
                while ((await group.HearAsync(listener)).Text != text)
                {
                }
            }
        }
    }

    // Refused as long as somebody's leg is not open again.
    private static async Task<string> SayAsync(Group group, Handset speaker)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        using var limit = new CancellationTokenSource(Soon);
        for (var attempt = 1; ; attempt++)
        {
            var text = $"{speaker.Options.User} is still here, {attempt}";
            if (await group.SayAsync(speaker, text) == 200)
                return text;

            await tick.WaitForNextTickAsync(limit.Token);
        }
    }

    // The sidecar may not have opened the leg again yet.
    private static async Task ConnectAsync(MsrpSession msrp)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        using var limit = new CancellationTokenSource(Soon);
        while (!msrp.IsConnected && await Within(msrp.ConnectAsync()) != 200)
        {
            msrp.DropConnection();
            await tick.WaitForNextTickAsync(limit.Token);
        }
    }

    /// <summary>The session ends in order: everybody's BYE is answered, or the BYE of the session came first.</summary>
    protected static async Task LeaveAsync(params Call[] calls)
    {
        foreach (var call in calls)
        {
            if (!call.Ended.IsCompleted)
                Assert.Contains((await Within(call.ByeAsync())).Status, (int[])[200, 481]);
        }

        await Within(Task.WhenAll(calls.Select(call => call.Ended)));
    }
}
