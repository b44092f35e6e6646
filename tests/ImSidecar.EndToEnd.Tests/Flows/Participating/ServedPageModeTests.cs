using ImSidecar.Client;
using ImSidecar.Client.Messages;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.Participating;

/// <summary>What we send to each of a list or a group passes the half of each: his rules count there too.</summary>
public class ServedPageModeTests(DemoProfile profile) : PageModeFlow(profile)
{
    private const string Erin = "sip:erin@example.com";

    protected override IReadOnlyList<string> Settings =>
        ["--Participating:Domains:0=example.com", "--Deferred:Enabled=false"];

    private XcapUser Bob => new(Profile, "sip:bob@example.com");

    protected override Task TidyAsync() => Bob.ForgetAsync();

    [Fact, Trait("Spec", "RFC 5438 5.1")]
    public async Task A_list_reaches_whom_it_may_and_the_sender_hears_of_the_others()
    {
        var (alice, bob, carol) = await RegisterThree();
        await Bob.BlockAsync(alice.AddressOfRecord);
        var list = List(bob, carol) with { Notify = "negative-delivery", MessageId = "message-0004" };

        var answer = await SendAsync(alice, "Snow!", list with { Recipients = [.. list.Recipients, new(Erin)] });

        Assert.Equal(202, answer.Status);
        Assert.Equal("Snow!", (await ReadAsync(carol)).Text);
        var told = new[] { await ToldAsync(alice), await ToldAsync(alice) };
        Assert.Equal([bob.AddressOfRecord, Erin], told.Select(each => each.RecipientUri).Order());
        Assert.All(told, each => Assert.Equal(("message-0004", "failed"), (each.MessageId, each.Status)));
        await AssertReadsNothingAsync(bob, carol);
    }

    [Fact]
    public async Task A_group_reaches_whom_it_may_and_nobody_else()
    {
        var (alice, bob, carol) = await RegisterThree();
        await Bob.BlockAsync(alice.AddressOfRecord);
        await Owner.PutGroupAsync(new(Skiers, [.. AliceBobCarol, Erin]));

        Assert.Equal(202, (await Within(alice.MessageAsync(Skiers, "from alice"))).Status);
        Assert.Equal("from alice", (await ReadAsync(carol)).Text);
        Assert.Equal(202, (await Within(carol.MessageAsync(Skiers, "from carol"))).Status);

        var message = await ReadAsync(bob);
        Assert.Equal(("from carol", carol.AddressOfRecord, Skiers), (message.Text, message.From, message.To));
        await Bob.BlockAsync();
        Assert.Equal(202, (await Within(alice.MessageAsync(Skiers, "once more"))).Status);
        Assert.Equal("once more", (await ReadAsync(bob)).Text);
    }

    private static async Task<Protocol.Imdn.Notification> ToldAsync(Handset handset) =>
        Assert.Single((await ReadAsync(handset)).Notifications);
}
