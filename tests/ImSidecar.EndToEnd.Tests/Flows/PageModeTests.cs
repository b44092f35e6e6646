using ImSidecar.Client;
using ImSidecar.Client.Messages;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.ResourceLists;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>Page mode to a list and to a group, RFC 3428 and RFC 5365.</summary>
public class PageModeTests(DemoProfile profile) : PageModeFlow(profile)
{
    protected override IReadOnlyList<string> Settings =>
    [
        "--Controlling:MaxMessageRecipients=3", "--Controlling:MaxPageMessageBytes=20000",
        "--Controlling:MessageRetryInterval=00:00:01",
    ];

    [Fact, Trait("Spec", "RFC 5365 7.2")]
    public async Task A_message_to_a_list_reaches_each_of_it()
    {
        var (alice, bob, carol) = await RegisterThree();

        var answer = await SendAsync(alice, "Snow!", List(bob, carol));

        Assert.Equal(202, answer.Status);
        foreach (var handset in (Handset[])[bob, carol])
        {
            var message = await ReadAsync(handset);
            Assert.Equal(
                ("Snow!", alice.AddressOfRecord, handset.AddressOfRecord), (message.Text, message.From, message.To));
            Assert.NotNull(message.Request["Date"]);
            Assert.Empty(message.OtherRecipients);
        }
    }

    [Fact, Trait("Spec", "RFC 5364 5")]
    public async Task They_see_who_else_is_not_hidden_from_them()
    {
        var (alice, bob, carol) = await RegisterThree();
        var options = new MessageOptions
        {
            Recipients =
            [
                new(bob.AddressOfRecord, "Bob", CopyControl.To), new(carol.AddressOfRecord, null, CopyControl.Bcc),
            ],
        };

        Assert.Equal(202, (await SendAsync(alice, "Snow!", options)).Status);

        var message = await ReadAsync(carol);
        Assert.Equal("Snow!", message.Text);
        Assert.Equal([bob.AddressOfRecord], message.OtherRecipients.Select(each => each.Uri));
        Assert.Equal("Snow!", (await ReadAsync(bob)).Text);
    }

    [Fact]
    public async Task A_message_to_a_group_reaches_its_members_but_the_sender()
    {
        var (alice, bob, carol) = await RegisterThree();
        await Owner.PutGroupAsync(GroupOfThree);

        var answer = await Within(bob.MessageAsync(Skiers, "Snow!"));

        Assert.Equal(202, answer.Status);
        foreach (var handset in (Handset[])[alice, carol])
        {
            var message = await ReadAsync(handset);
            Assert.Equal(("Snow!", bob.AddressOfRecord, Skiers), (message.Text, message.From, message.To));
        }

        await AssertReadsNothingAsync(bob, alice);
    }

    [Fact, Trait("Spec", "RFC 3261 8.2.2.2")]
    public async Task The_same_message_once_more_reaches_nobody_twice()
    {
        var (alice, bob, carol) = await RegisterThree();
        var message = alice.CreateMessage(DemoProfile.Factory, "once", List(bob, carol));

        Assert.Equal(202, (await Within(alice.SendAsync(message))).Status);
        Assert.Equal("once", (await ReadAsync(bob)).Text);
        Assert.Equal(202, (await Within(alice.SendAsync(message))).Status);

        await AssertReadsNothingAsync(bob, alice);
    }

    [Fact, Trait("Spec", "RFC 3323 4.1")]
    public async Task Nobody_learns_who_hides()
    {
        var (alice, bob, carol) = await RegisterThree();
        await Owner.PutGroupAsync(GroupOfThree);
        var options = List(bob, carol) with { Headers = [("Privacy", "id")], IsCpim = true };

        Assert.Equal(202, (await SendAsync(alice, "guess", options)).Status);

        var message = await ReadAsync(bob);
        Assert.Equal(("guess", "sip:anonymous@anonymous.invalid"), (message.Text, message.From));
        var everything = string.Join('\n', message.Request.Headers) + message.Request.Text;
        Assert.DoesNotContain("alice", everything, StringComparison.Ordinal);

        // The document lets nobody hide in the group.
        var refused = await Within(alice.MessageAsync(Skiers, "guess", new() { Headers = [("Privacy", "id")] }));
        Assert.Equal(403, refused.Status);
    }

    [Fact]
    public async Task Who_may_not_is_told_why()
    {
        var (alice, bob, carol) = await RegisterThree();
        var dave = await Register("dave");
        await Owner.PutGroupAsync(GroupOfThree);

        Assert.Equal(403, (await Within(dave.MessageAsync(Skiers, "me too"))).Status);
        AssertRefused(
            await Within(alice.MessageAsync("sip:nobody@groups.example.com", "hello?")), 404,
            "Conference URI does not exist");
        AssertRefused(
            await SendAsync(alice, "x", List(bob, carol, dave, alice)), 403, "Too many recipients");
        AssertRefused(await SendAsync(alice, "x", new()), 400, "Recipient list is missing");
        AssertRefused(
            await SendAsync(alice, new string('x', 20_001), List(bob)), 413, "Message is larger than 20000 bytes");
        AssertRefused(
            await SendAsync(alice, "x", List(bob) with { Headers = [("Require", "teleport")] }), 420,
            "Required extension is not supported");
        AssertRefused(
            await SendAsync(alice, "x", List(bob) with { CpimFrom = carol.AddressOfRecord }), 400,
            "CPIM From is not who sends the message");
        AssertRefused(
            await SendAsync(alice, "x", List(bob) with { Headers = [("Expires", "0")] }), 400, "Message has expired");
        AssertRefused(
            await Within(alice.MessageAsync("sip:abcdefghijklmnopqrstuvwxyz@im.example.com", "hello?")), 405,
            "Method MESSAGE is not supported here");
        await AssertReadsNothingAsync(bob, alice);
    }

    [Fact, Trait("Spec", "RFC 3261 21.5.4")]
    public async Task Who_cannot_be_reached_costs_nobody_else()
    {
        var (alice, bob) = (await Register("alice"), await Register("bob"));
        var list = List(bob) with
        {
            Recipients = [new("sip:nobody-at-all@example.com"), new(bob.AddressOfRecord)],
        };

        Assert.Equal(202, (await SendAsync(alice, "anybody?", list)).Status);

        Assert.Equal("anybody?", (await ReadAsync(bob)).Text);
    }

    [Fact]
    public async Task A_sidecar_that_dies_after_its_202_loses_nobody_and_doubles_nobody()
    {
        var (alice, bob, carol) = await RegisterThree();
        await Profile.DieAtSaveAsync(1);
        var sending = alice.MessageAsync(DemoProfile.Factory, "still there?", List(bob, carol));
        try
        {
            using var limit = new CancellationTokenSource(Soon);
            using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
            while (!Profile.Sidecar.HasExited)
                await tick.WaitForNextTickAsync(limit.Token);
        }
        finally
        {
            Profile.LetLive();
        }

        await Profile.StartSidecarAsync();

        Assert.Equal("still there?", (await ReadAsync(bob)).Text);
        Assert.Equal("still there?", (await ReadAsync(carol)).Text);

        // Its answer was lost with the process: he asks again, as 503 says, and nobody gets it twice.
        Assert.Contains((await Within(sending)).Status, (int[])[202, 503]);
        await AssertReadsNothingAsync(bob, alice);
        await AssertReadsNothingAsync(carol, alice);
    }
}
