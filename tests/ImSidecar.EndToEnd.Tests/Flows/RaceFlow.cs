using System.Diagnostics;
using ImSidecar.Client;
using ImSidecar.Client.Calls;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>Flows in which two things happen some milliseconds before and after each other, many times over.</summary>
public abstract class RaceFlow(DemoProfile profile) : GroupFlow(profile)
{
    /// <summary>How much later the second thing happens; from surely too early to surely too late.</summary>
    protected static IReadOnlyList<double> Offsets { get; } =
        [-200, -4, -3, -2, -1, -0.5, 0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 10, 12, 15, 300];

    /// <summary>The second thing happens that many milliseconds after the first, or before.</summary>
    protected static async Task<(TFirst, TSecond)> Race<TFirst, TSecond>(
        double offset, Func<Task<TFirst>> first, Func<Task<TSecond>> second)
    {
        var start = Stopwatch.GetTimestamp();
        var firsts = Task.Run(() => At(start, Math.Max(0, -offset), first));
        var seconds = Task.Run(() => At(start, Math.Max(0, offset), second));
        await Within(Task.WhenAll(firsts, seconds));
        return (await firsts, await seconds);
    }

    /// <summary>Whoever was invited is in no call: cancelled, or acknowledged and sent away.</summary>
    protected static async Task AssertOutAsync(IncomingCall rings, Call? call)
    {
        if (call is null)
        {
            await Within(rings.Cancelled);
            return;
        }

        await Within(call.Acknowledged);
        await Within(call.Ended);
    }

    /// <summary>The session is no more: nobody comes in again.</summary>
    protected static async Task AssertReleasedAsync(string sessionIdentity, Handset handset) =>
        Assert.Equal(403, (await Within(handset.Invite(sessionIdentity).Final)).Status);

    // A timer is too coarse for the last millisecond.
    private static async Task<T> At<T>(long start, double milliseconds, Func<Task<T>> act)
    {
        if (milliseconds > 20)
            await Task.Delay((int)milliseconds - 10);
        SpinWait.SpinUntil(() => Stopwatch.GetElapsedTime(start).TotalMilliseconds >= milliseconds);
        return await act();
    }
}
