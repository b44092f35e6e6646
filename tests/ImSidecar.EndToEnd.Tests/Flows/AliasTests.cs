using System.Text;
using ImSidecar.Client;
using ImSidecar.Client.Calls;
using ImSidecar.Client.Msrp;
using ImSidecar.Client.Sip;
using ImSidecar.Client.Subscriptions;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.ConferenceInfo;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>IM 7.2.3.2: who asks privacy in a pre-defined group takes part under an alias.</summary>
public class AliasTests(DemoProfile profile) : GroupFlow(profile)
{
    private static readonly InviteOptions _hiding = new() { Headers = [("Privacy", "id")] };

    private GroupXml HidingGroup => GroupOfThree with
    {
        Rules = GroupXml.OfMembers.Replace(
            "<join-handling>",
            "<allow-anonymity>true</allow-anonymity>"
            + "<allow-invite-users-dynamically>true</allow-invite-users-dynamically><join-handling>",
            StringComparison.Ordinal)
            + GroupXml.Rule("dave", "sip:dave@example.com", "<join-handling>true</join-handling>"),
        Names = new Dictionary<string, string> { ["sip:carol@example.com"] = "Carol C" },
    };

    [Fact]
    [Trait("Spec", "IM 7.2.1.4/6"), Trait("Spec", "IM 7.2.3.2"), Trait("Spec", "IM 7.2.3")]
    [Trait("Spec", "IM 7.2.1.7/2")]
    public async Task Whatever_she_does_no_message_to_another_names_her()
    {
        var (alice, bob) = (await Register("alice"), await Register("bob"));
        var carol = await Register("carol", options: new() { User = "carol", DisplayName = "Carol C" });
        var dave = await Register("dave");
        await Owner.PutGroupAsync(HidingGroup);
        var group = Group.Of(
            (alice, await JoinAsync(alice)), (bob, await JoinAsync(bob)), (carol, await JoinAsync(carol, _hiding)));
        await group.ConnectedAsync();
        var watching = bob.Subscribe(Skiers);
        var heard = new List<MsrpMessage>();

        Assert.Equal(200, await group[carol].NicknameAsync("Snowcat"));
        var told = await ReadUntil(watching, each => Named(each, "Snowcat") is not null);
        var alias = Named(told[^1], "Snowcat")!;
        Assert.Matches("^sip:anonymous[0-9]+@anonymous.invalid$", alias);

        Assert.Equal(200, await group.SayAsync(carol, "to all"));
        heard.AddRange([await group.HearAsync(alice), await group.HearAsync(bob)]);
        Assert.All(heard, message => Assert.Equal(alias, message.Cpim!.From.Uri));

        Assert.Equal(200, (await Within(group[bob].SendPrivatelyAsync(alias, "who are you?"))).Status);
        var asked = await group.HearAsync(carol);
        Assert.Equal(
            (bob.AddressOfRecord, carol.AddressOfRecord, "who are you?"),
            (asked.Cpim!.From.Uri, asked.Cpim.To[0].Uri, asked.Text));
        Assert.Equal(200, (await Within(group[carol].SendPrivatelyAsync(bob.AddressOfRecord, "a cat"))).Status);
        heard.Add(await group.HearAsync(bob));
        Assert.Equal((alias, "a cat"), (heard[^1].Cpim!.From.Uri, heard[^1].Text));

        Assert.Equal(202, (await Within(group[carol].ReferAsync($"<{dave.AddressOfRecord}>"))).Status);
        var added = await Group.AcceptAsync(dave);
        await Within(group[carol].ByeAsync());
        var left = await ReadUntil(watching, each => Named(each, "Snowcat") is null);

        Assert.Contains(
            left[^1].Document!.Users!.List,
            user => user.Entity == alias && user.Endpoints[0].Status == EndpointStatus.Disconnected);
        group.AssertHeardNothing(alice);
        Assert.False(added.Msrp!.Messages.TryPeek(out _));
        var secrets = new[] { "carol", carol.ContactUri.Split('@')[1].Split(';')[0] };
        Assert.All(
            ((Handset[])[alice, bob, dave]).SelectMany(Received).Concat(heard.Select(message => Text(message.Body))),
            text => Assert.All(
                secrets, secret => Assert.DoesNotContain(secret, text, StringComparison.OrdinalIgnoreCase)));
    }

    [Fact, Trait("Spec", "IM 7.2.1.3/6"), Trait("Spec", "IM 7.2.1.4/6"), Trait("Spec", "IM 5.5")]
    public async Task Two_who_hide_are_two_and_each_gets_what_is_for_him()
    {
        var (alice, bob, carol) = await RegisterThree();
        await Owner.PutGroupAsync(HidingGroup);
        var group = Group.Of(
            (bob, await JoinAsync(bob, _hiding)), (carol, await JoinAsync(carol, _hiding)),
            (alice, await JoinAsync(alice)));
        await group.ConnectedAsync();
        var watching = alice.Subscribe(Skiers);
        var told = await ReadUntil(watching, each => each.Roster.Count == 3);

        var hidden = told[^1].Roster.Where(user => user.Entity != alice.AddressOfRecord).ToList();
        Assert.Equal(2, hidden.Select(user => user.Entity).Distinct().Count());
        Assert.All(hidden, user => Assert.Equal("Anonymous", user.DisplayText));
        foreach (var user in hidden)
            Assert.Equal(200, (await Within(group[alice].SendPrivatelyAsync(user.Entity, user.Entity))).Status);

        Assert.Equal(hidden[0].Entity, (await group.HearAsync(bob)).Text);
        Assert.Equal(hidden[1].Entity, (await group.HearAsync(carol)).Text);
        group.AssertHeardNothing(bob);
        group.AssertHeardNothing(carol);
        Assert.Equal(404, (await Within(group[alice].SendPrivatelyAsync(bob.AddressOfRecord, "bob?"))).Status);
    }

    [Fact, Trait("Spec", "IM 7.2.1.4/6")]
    public async Task Where_nobody_may_hide_privacy_gets_403()
    {
        var (alice, bob) = (await Register("alice"), await Register("bob"));
        await Owner.PutGroupAsync(GroupOfThree);
        await JoinAsync(alice);

        var (status, warning) = await RefusedAsync(bob, _hiding);

        Assert.Equal(403, status);
        Assert.Contains("allow-anonymity", warning, StringComparison.Ordinal);
    }

    [Fact, Trait("Spec", "RFC 3323 5")]
    public async Task Critical_privacy_of_an_unknown_kind_gets_500()
    {
        var alice = await Register("alice");
        await Owner.PutGroupAsync(HidingGroup);

        var answer = await RefusedAsync(alice, new() { Headers = [("Privacy", "invisible;critical")] });

        Assert.Equal((500, "Privacy of that kind is not supported"), answer);
    }

    private static string? Named(Notification notification, string name) =>
        notification.Roster.FirstOrDefault(user => user.DisplayText == name)?.Entity;

    private static IEnumerable<string> Received(Handset handset) => handset.Trace
        .Where(record => !record.IsOutgoing)
        .Select(record => Text(record.Message));

    private static string Text(SipMessage message) => new StringBuilder(message.ToString())
        .AppendJoin('\n', message.Headers.Select(header => $"{header.Name}: {header.Value}"))
        .Append(message.Text)
        .ToString();

    private static string Text(ReadOnlyMemory<byte> body) => Encoding.UTF8.GetString(body.Span);
}
