using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>IM 7.2.3: allow-private-message of a pre-defined group.</summary>
public class PrivateMessageTests(DemoProfile profile) : GroupFlow(profile)
{
    [Fact, Trait("Spec", "IM 7.2.3")]
    public async Task Who_may_not_gets_403_from_the_moment_that_the_document_says_so()
    {
        var (alice, bob) = (await Register("alice"), await Register("bob"));
        await Owner.PutGroupAsync(GroupOfThree);
        var group = Group.Of((alice, await JoinAsync(alice)), (bob, await JoinAsync(bob)));
        await group.ConnectedAsync();
        Assert.Equal(200, (await Within(group[bob].SendPrivatelyAsync(alice.AddressOfRecord, "psst"))).Status);

        await Owner.PutGroupAsync(GroupOfThree with
        {
            Rules = GroupXml.OfMembers
                + GroupXml.Rule("bob", "sip:bob@example.com", "<join-handling>true</join-handling>"
                    + "<oxe:allow-private-message>false</oxe:allow-private-message>"),
        });
        var status = 200;
        await UntilAsync(async () => (status =
            (await Within(group[bob].SendPrivatelyAsync(alice.AddressOfRecord, "psst"))).Status) != 200);

        Assert.Equal(403, status);
        Assert.Equal(200, (await Within(group[alice].SendPrivatelyAsync(bob.AddressOfRecord, "ok"))).Status);
        Assert.Equal(200, await group.SayAsync(bob, "to all"));
    }

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        using var limit = new CancellationTokenSource(Soon);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!await isSo())
            await tick.WaitForNextTickAsync(limit.Token);
    }
}
