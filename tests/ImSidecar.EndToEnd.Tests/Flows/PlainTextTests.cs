using System.Text;
using ImSidecar.Client;
using ImSidecar.Client.Calls;
using ImSidecar.Client.Msrp;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>Clients that know text/plain only beside those that speak CPIM.</summary>
public class PlainTextTests(DemoProfile profile) : Flow(profile)
{
    internal static readonly MsrpOptions TextOnly =
        new() { AcceptTypes = ["text/plain"], AcceptWrappedTypes = [], ChatRoom = null };

    [Fact]
    public async Task One_of_a_group_hears_text_and_what_he_says_comes_in_CPIM()
    {
        var (alice, bob, carol) = await RegisterThree();
        var starting = alice.StartGroup(DemoProfile.Factory, [bob.AddressOfRecord, carol.AddressOfRecord]);
        var bobs = await Group.AcceptAsync(bob, new() { Msrp = TextOnly });
        var carols = await Group.AcceptAsync(carol);
        var group = Group.Of((alice, await Within(starting.Answered)), (bob, bobs), (carol, carols));
        await group.ConnectedAsync();

        Assert.Equal(200, await group.SayAsync(alice, "Grüße"));
        var heard = await Next(bobs.Msrp!.Messages);
        Assert.Equal(("text/plain; charset=utf-8", "Grüße"), (heard.ContentType, heard.Text));
        Assert.Equal("Grüße", (await group.HearAsync(carol)).Text);

        Assert.Equal(200, await SayTextAsync(bobs, "hello from a simple phone"));
        foreach (var other in (Handset[])[alice, carol])
        {
            var told = await group.HearAsync(other);
            Assert.Equal("hello from a simple phone", told.Text);
            Assert.Equal(bob.AddressOfRecord, told.Cpim!.From.Uri);
            Assert.Equal(group.SessionIdentity, told.Cpim.To[0].Uri);
            Assert.True(told.Cpim.HasDateTime);
        }
    }

    [Fact]
    public async Task Two_talk_in_the_words_of_each()
    {
        var alice = await Register("alice");
        var bob = await Register("bob");
        var group = await Group.StartAsync(alice, [bob], new() { Msrp = TextOnly });

        Assert.Equal(["text/plain"], group[alice].Msrp!.Remote!.AcceptTypes);
        Assert.Equal(200, await SayTextAsync(group[alice], "in text"));
        var told = await group.HearAsync(bob);
        Assert.Equal(("in text", alice.AddressOfRecord, bob.AddressOfRecord),
            (told.Text, told.Cpim!.From.Uri, told.Cpim.To[0].Uri));

        Assert.Equal(200, await group.SayAsync(bob, "in CPIM"));
        Assert.Equal("in CPIM", (await Next(group[alice].Msrp!.Messages)).Text);
    }

    [Fact]
    public async Task A_long_text_and_one_that_was_begun_in_vain_arrive_as_such()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(
            alice, [bob, carol], new() { Msrp = TextOnly with { MaxSize = null } },
            new() { Msrp = new() { MaxSize = null } });
        var text = string.Concat(Enumerable.Range(0, 40_000).Select(each => $"{each} "));

        var given = await Within(group[alice].Msrp!.SendAsync(
            "text/plain", Encoding.UTF8.GetBytes(text), new() { AbortsAfter = 3 }));
        Assert.Equal(200, given.Status);
        await Next(group[bob].Msrp!.AbortedMessages);
        Assert.Equal(200, await SayTextAsync(group[alice], text));

        Assert.Equal(text, (await group.HearAsync(bob)).Text);
        Assert.Equal(text, (await group.HearAsync(carol)).Text);
    }

    internal static async Task<int> SayTextAsync(Call call, string text) =>
        (await Within(call.Msrp!.SendAsync("text/plain", Encoding.UTF8.GetBytes(text)))).Status;
}

/// <summary>Where the operator wants none of them.</summary>
public class NoPlainTextTests(DemoProfile profile) : Flow(profile)
{
    protected override IReadOnlyList<string> Settings => ["--Controlling:PlainTextClients=false"];

    [Fact]
    public async Task Who_knows_text_only_gets_488()
    {
        var alice = await Register("alice");
        var bob = await Register("bob");

        var answer = await Refusal(alice, [bob.AddressOfRecord], new() { Msrp = PlainTextTests.TextOnly });

        Assert.Equal(488, answer.Status);
        Assert.Contains("a=accept-types:message/cpim\r\n", answer.Text, StringComparison.Ordinal);
    }
}
