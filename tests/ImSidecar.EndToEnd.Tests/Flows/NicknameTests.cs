using ImSidecar.Client.Calls;
using ImSidecar.Client.Msrp;
using ImSidecar.Client.Subscriptions;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>RFC 7701 6 and 7, IM 7.2.3: nicknames and private messages in an ad-hoc group.</summary>
public class NicknameTests(DemoProfile profile) : Flow(profile)
{
    private static readonly MsrpOptions _plain = new() { ChatRoom = null };

    [Fact, Trait("Spec", "IM 7.2.3.2"), Trait("Spec", "IM 5.5")]
    public async Task No_two_have_the_same_and_one_that_is_given_back_is_free()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);
        var watching = carol.Subscribe(group.SessionIdentity);

        Assert.Contains(
            "a=chatroom:nickname private-messages\r\n", group[alice].Answer.Text, StringComparison.Ordinal);
        Assert.Equal(200, await Within(group[alice].NicknameAsync("Snöwcat")));
        await ReadUntil(watching, each => Shows(each, alice.AddressOfRecord, "Snöwcat"));
        Assert.Equal(425, await Within(group[bob].NicknameAsync("SNOWCAT")));
        Assert.Equal(425, await Within(group[bob].NicknameAsync("carol@example.com")));
        Assert.Equal(424, await Within(group[bob].NicknameAsync(new string('x', 65))));
        Assert.Equal(200, await Within(group[alice].NicknameAsync("")));
        await ReadUntil(watching, each => Shows(each, alice.AddressOfRecord, null));
        Assert.Equal(200, await Within(group[bob].NicknameAsync("Snowcat")));

        await ReadUntil(watching, each => Shows(each, bob.AddressOfRecord, "Snowcat"));
        Assert.Equal(200, await group.SayAsync(bob, "still talking"));
        Assert.Equal("still talking", (await group.HearAsync(alice)).Text);
    }

    [Fact, Trait("Spec", "IM 7.2.3.2")]
    public async Task It_survives_that_the_sidecar_is_killed()
    {
        var (alice, bob, carol) = await RegisterThree();
        var options = new MsrpOptions { Reconnects = true };
        var group = await Group.StartAsync(alice, [bob, carol], new() { Msrp = options }, new() { Msrp = options });
        Assert.Equal(200, await Within(group[bob].NicknameAsync("Snowcat")));

        await Profile.KillSidecarAsync();
        await Profile.StartSidecarAsync();
        await Until(() => group[alice].Msrp!.IsConnected && group[bob].Msrp!.IsConnected);

        await ReadUntil(alice.Subscribe(group.SessionIdentity), each => Shows(each, bob.AddressOfRecord, "Snowcat"));
        Assert.Equal(425, await Within(group[alice].NicknameAsync("Snowcat")));
        Assert.Equal(200, await Within(group[bob].NicknameAsync("Snowcat")));
        Assert.Equal(200, (await Within(group[alice].SendPrivatelyAsync(bob.AddressOfRecord, "hi"))).Status);
        Assert.Equal("hi", (await group.HearAsync(bob)).Text);
    }

    [Fact, Trait("Spec", "IM 7.2.3")]
    public async Task A_private_message_reaches_one_or_nobody()
    {
        var (alice, bob, carol) = await RegisterThree();
        var starting = alice.StartGroup(DemoProfile.Factory, [bob.AddressOfRecord, carol.AddressOfRecord]);
        var second = await Group.AcceptAsync(bob);
        var third = await Group.AcceptAsync(carol, new() { Msrp = _plain });
        var group = Group.Of((alice, await Within(starting.Answered)), (bob, second), (carol, third));
        await group.ConnectedAsync();

        Assert.Equal(200, (await Within(group[alice].SendPrivatelyAsync(bob.AddressOfRecord, "psst"))).Status);
        Assert.Equal(428, (await Within(group[alice].SendPrivatelyAsync(carol.AddressOfRecord, "psst"))).Status);
        Assert.Equal(404, (await Within(group[alice].SendPrivatelyAsync("sip:dave@example.com", "psst"))).Status);

        var heard = await group.HearAsync(bob);
        Assert.Equal((alice.AddressOfRecord, bob.AddressOfRecord, "psst"),
            (heard.Cpim!.From.Uri, heard.Cpim.To[0].Uri, heard.Text));
        group.AssertHeardNothing(carol);
    }

    [Fact, Trait("Spec", "RFC 7701 7")]
    public async Task Between_two_there_is_no_chat_room()
    {
        var (alice, bob) = (await Register("alice"), await Register("bob"));
        var group = await Group.StartAsync(alice, [bob]);

        Assert.DoesNotContain("a=chatroom", group[alice].Answer.Text, StringComparison.Ordinal);
        Assert.Equal(501, await Within(group[alice].NicknameAsync("Snowcat")));
    }

    private static bool Shows(Notification notification, string entity, string? name) =>
        notification.Roster.Any(user => user.Entity == entity && user.DisplayText == name);
}
