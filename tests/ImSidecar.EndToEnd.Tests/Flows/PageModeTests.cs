using ImSidecar.Client;
using ImSidecar.Client.Messages;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.Imdn;
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

    [Fact, Trait("Spec", "RFC 3428 4")]
    public async Task One_to_one_the_handset_answers_itself()
    {
        var (alice, bob) = (await Register("alice"), await Register("bob"));
        var options = new MessageOptions { Notify = "display", MessageId = "message-0003" };

        Assert.Equal(200, (await Within(alice.MessageAsync(bob.AddressOfRecord, "just you", options))).Status);

        var message = await ReadAsync(bob);
        Assert.Equal("just you", message.Text);
        Assert.Equal(200, (await Within(bob.NotifyAsync(message, NotificationKind.Display)!)).Status);
        var told = Assert.Single((await ReadAsync(alice)).Notifications);
        Assert.Equal(("message-0003", "displayed"), (told.MessageId, told.Status));
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public async Task Whenever_the_sidecar_dies_nobody_is_lost_and_nobody_gets_it_twice(int save)
    {
        var (alice, bob, carol) = await RegisterThree();
        var message = alice.CreateMessage(DemoProfile.Factory, "still there?", List(bob, carol));
        await Profile.DieAtSaveAsync(save);
        var sending = alice.SendAsync(message);
        await DiedAsync();

        // Who was told that it may not have been taken sends the same once more.
        if ((await Within(sending)).Status != 202)
            Assert.Equal(202, (await Within(alice.SendAsync(message))).Status);

        Assert.Equal("still there?", (await ReadAsync(bob)).Text);
        Assert.Equal("still there?", (await ReadAsync(carol)).Text);
        await AssertReadsNothingAsync(bob, alice);
        await AssertReadsNothingAsync(carol, alice);
    }

    private async Task DiedAsync()
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
            // It did not come so far.
        }

        Profile.LetLive();
        await Profile.StartSidecarAsync();
    }
}
