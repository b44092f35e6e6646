using System.Text;
using ImSidecar.Client;
using ImSidecar.Client.Sip;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>RFC 3323 and IM 7.2.3.2: alice asks that the others do not learn who she is.</summary>
public class PrivacyTests(DemoProfile profile) : Flow(profile)
{
    [Fact, Trait("Spec", "IM 7.9.1.1.5/2a-iii")]
    public async Task Nothing_that_reaches_the_others_names_her()
    {
        var (alice, bob, carol) = await RegisterThree();

        var group = await Group.StartAsync(alice, [bob, carol], new()
        {
            Headers =
            [
                ("Privacy", "id"),
                ("From", "\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=hidden"),
            ],
        });
        var watching = bob.Subscribe(group.SessionIdentity);
        var told = await Next(watching.Notifications);
        var sent = await Within(group[alice].Msrp!.SendTextAsync(
            "sip:anonymous@anonymous.invalid", group.SessionIdentity, "guess who"));
        var heard = await group.HearAsync(bob);

        Assert.Equal(200, sent.Status);
        Assert.Contains(told.Roster, user => user.Entity.EndsWith("@anonymous.invalid", StringComparison.Ordinal));
        Assert.DoesNotContain("alice", heard.Cpim!.From.ToString(), StringComparison.OrdinalIgnoreCase);
        Assert.All(Received(bob), text => Assert.DoesNotContain("alice", text, StringComparison.OrdinalIgnoreCase));
    }

    // Bob's own INVITE list never left alice's phone, so nothing he gets can name her by chance.
    private static IEnumerable<string> Received(Handset handset) => handset.Trace
        .Where(record => !record.IsOutgoing)
        .Select(record => Text(record.Message));

    private static string Text(SipMessage message) => new StringBuilder(message.ToString())
        .AppendJoin('\n', message.Headers.Select(header => $"{header.Name}: {header.Value}"))
        .Append(message.Text)
        .ToString();
}
