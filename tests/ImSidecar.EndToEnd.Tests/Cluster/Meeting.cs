using ImSidecar.Client;
using ImSidecar.Client.Msrp;
using ImSidecar.Client.Subscriptions;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.ConferenceInfo;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Cluster;

/// <summary>A session of three, watched by the first one, and the node that it began at.</summary>
internal sealed record Meeting(
    Group Group, Handset Alice, Handset Bob, Handset Carol, Subscription Watching, string OwnerName)
{
    /// <summary>Whoever returns connects again by himself when his node is back at its address.</summary>
    public static async Task<Meeting> StartAsync(
        ClusterProfile profile, Handset alice, Handset bob, Handset carol, bool returns = false)
    {
        var msrp = new MsrpOptions { Reconnects = returns };
        var group = await Group.StartAsync(alice, [bob, carol], new() { Msrp = msrp }, new() { Msrp = msrp });
        var watching = alice.Subscribe(group.SessionIdentity);
        await Next(watching.Notifications);
        return new(group, alice, bob, carol, watching, await profile.OwnerOfAsync(group.SessionIdentity));
    }

    public async Task TalkAsync(string text)
    {
        Assert.Equal(200, await Group.SayAsync(Bob, text));
        Assert.Equal(text, (await Group.HearAsync(Carol)).Text);
        Assert.Equal(text, (await Group.HearAsync(Alice)).Text);
    }

    /// <summary>
    /// After all legs have moved: each has been invited to a new address. When all have connected there nobody says: what is
    /// said before may be lost with the old connection.
    /// </summary>
    public async Task TalkAgainAsync()
    {
        foreach (var handset in (Handset[])[Alice, Bob, Carol])
            Assert.Equal("INVITE", (await Next(Group[handset].Requests)).Method);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        for (var i = 0; !await IsHeardAsync($"back again {i}"); i++)
            limit.Token.ThrowIfCancellationRequested();
    }

    /// <summary>Wherever its legs are now: some have moved, or are about to.</summary>
    public async Task TalkWhereverAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        for (var i = 0; !await IsHeardAsync($"is anybody there {i}"); i++)
            limit.Token.ThrowIfCancellationRequested();
    }

    private async Task<bool> IsHeardAsync(string text)
    {
        try
        {
            using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            var said = await Group[Bob].Msrp!.SendTextAsync(Bob.AddressOfRecord, Group.SessionIdentity, text).WaitAsync(soon.Token);
            foreach (var listener in (Handset[])[Carol, Alice])
            {
                while ((await Group[listener].Msrp!.Messages.ReadAsync(soon.Token)).Text != text)
                {
                }
            }

            return said.Status == 200;
        }
        catch (Exception error) when (error is OperationCanceledException or IOException or InvalidOperationException
            or System.Net.Sockets.SocketException)
        {
            await Task.Delay(100);
            return false;
        }
    }

    /// <summary>Carol leaves and the watcher hears it; bob leaves, and it is over for alice.</summary>
    public async Task EndAsync()
    {
        Assert.Equal(200, (await Within(Group[Carol].ByeAsync())).Status);
        await Flow.ReadUntil(Watching, told => told.StatusOf(Carol.AddressOfRecord) == EndpointStatus.Disconnected);
        Assert.Equal(200, (await Within(Group[Bob].ByeAsync())).Status);
        await Within(Group[Alice].Ended);
        Assert.Equal("noresource", (await Within(Watching.Terminated)).Reason);
    }
}
