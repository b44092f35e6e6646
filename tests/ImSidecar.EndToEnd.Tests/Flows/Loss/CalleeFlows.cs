using ImSidecar.Client.Calls;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;
using static ImSidecar.EndToEnd.Tests.Flows.Loss.AckFlows;

namespace ImSidecar.EndToEnd.Tests.Flows.Loss;

/// <summary>RFC 3261 13.2.2.4: every 2xx to an INVITE of ours is acknowledged, and ended if it comes too late.</summary>
internal static class CalleeFlows
{
    public static async Task Repeated200Async(Handsets handsets)
    {
        var alice = await handsets.RegisterAsync("alice");
        var start = DateTimeOffset.UtcNow;
        var (bob, path) = await handsets.RegisterBehindAsync(
            "bob", each => IsAck(each) && each.At < start.AddSeconds(20) ? Fate.Lose : Fate.Pass);
        var starting = alice.StartGroup(DemoProfile.Factory, [bob.AddressOfRecord]);
        var bobs = await Group.AcceptAsync(bob);
        var call = await Within(starting.Answered);

        await bobs.Acknowledged.WaitAsync(TimeSpan.FromSeconds(40));

        // At 0, 0.5, 1.5, 3.5 ... up to the first after 20 s.
        await At(DateTimeOffset.UtcNow, 0.5);
        Assert.InRange((path.Passages.Last(IsAck).At - path.Passages.First(IsBobs200).At).TotalSeconds, 19, 25);
        Assert.InRange(path.Count(IsBobs200), 8, 10);
        Assert.Equal(path.Count(IsBobs200), path.Count(IsAck));
        Assert.Equal(200, (await Within(call.ByeAsync())).Status);
        await Within(bobs.Ended);
    }

    public static async Task LateForkAsync(Handsets handsets, double seconds)
    {
        var alice = await handsets.RegisterAsync("alice");
        var bob = await handsets.RegisterAsync("bob");
        var (late, _) = await handsets.RegisterBehindAsync("bob", LosesCancel);
        var starting = alice.StartGroup(DemoProfile.Factory, [bob.AddressOfRecord]);
        var lateRings = await Next(late.IncomingCalls);
        await Group.AcceptAsync(bob);
        var call = await Within(starting.Answered);

        await At(DateTimeOffset.UtcNow, seconds);
        var second = await Within(lateRings.AcceptAsync());

        await Within(second!.Acknowledged);
        Assert.Equal(CallEndedBy.Peer, (await Within(second.Ended)).By);
        Assert.False(call.Ended.IsCompleted);
    }

    /// <summary>He never hears of the CANCEL and accepts all the same.</summary>
    public static async Task AcceptedAfterCancelAsync(Handsets handsets, double seconds)
    {
        var alice = await handsets.RegisterAsync("alice");
        var (bob, _) = await handsets.RegisterBehindAsync("bob", LosesCancel);
        var starting = alice.StartGroup(DemoProfile.Factory, [bob.AddressOfRecord]);
        var rings = await Next(bob.IncomingCalls);
        await rings.RingAsync();
        await Within(starting.CancelAsync());
        Assert.Equal(487, (await Within(starting.Final)).Status);

        await At(DateTimeOffset.UtcNow, seconds);
        var bobs = await Within(rings.AcceptAsync());

        await Within(bobs!.Acknowledged);
        Assert.Equal(CallEndedBy.Peer, (await Within(bobs.Ended)).By);
    }

    /// <summary>His 200 is late, his BYE is not: he is acknowledged, and nobody takes him for being there.</summary>
    public static async Task ByeOvertakes200Async(Handsets handsets)
    {
        var alice = await handsets.RegisterAsync("alice");
        var (bob, path) = await handsets.RegisterBehindAsync(
            "bob", each => !IsBobs200(each) ? Fate.Pass : each.Copy == 1 ? Fate.After(3) : Fate.Lose);
        var starting = alice.StartGroup(DemoProfile.Factory, [bob.AddressOfRecord]);
        var bobs = await Group.AcceptAsync(bob);

        Assert.Equal(200, (await Within(bobs.ByeAsync())).Status);

        Assert.Equal(480, (await Within(starting.Final)).Status);
        await Within(bobs.Acknowledged);
        Assert.Equal(0, path.Count(each => each is { IsToHandset: true, Message.Method: "BYE" }));
    }

    private static Fate LosesCancel(Passage passage) =>
        passage is { IsToHandset: true, Message.Method: "CANCEL" } ? Fate.Lose : Fate.Pass;

    private static bool IsAck(Passage passage) => passage is { IsToHandset: true, Message.Method: "ACK" };

    private static bool IsBobs200(Passage passage) => passage.IsFromHandset && passage.Answers("INVITE", 200);
}
