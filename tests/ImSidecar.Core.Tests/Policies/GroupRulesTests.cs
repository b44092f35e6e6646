using ImSidecar.Core.Policies;
using ImSidecar.Core.Rules;
using static ImSidecar.Core.Tests.Rules.Documents;

namespace ImSidecar.Core.Tests.Policies;

/// <summary>The rules of a group document, Shared Group XDM and RFC 4745 10.</summary>
public class GroupRulesTests
{
    private const string Join = "<join-handling>true</join-handling>";

    [Theory]
    [InlineData("sip:alice@example.com", "JIcdAKE")]
    [InlineData("sip:bob@example.com", "JIc")]
    [InlineData("sips:bob@EXAMPLE.com:5061;transport=tls", "JIc")]
    [InlineData("sip:erin@partner.example", "J")]
    [InlineData("sip:mallory@partner.example", "")]
    [InlineData("sip:somebody@example.com", "")]
    [InlineData("sip:skier@example.org", "JIc")]
    [InlineData(null, "")]
    public void The_example_grants_what_its_text_says(string? user, string expected)
    {
        var group = Resolve(Example, new()
        {
            [IndexOf("sip:alice@example.com")] = Lists("<list name='ski'><entry uri='sip:skier@example.org'/></list>"),
        });
        var who = user is null ? Requester.Anonymous : new Requester(Uri(user));
        (char Letter, GroupAction Action)[] actions =
        [
            ('J', GroupAction.JoinHandling), ('I', GroupAction.AllowInitiateConference),
            ('c', GroupAction.AllowConferenceState), ('d', GroupAction.AllowInviteUsersDynamically),
            ('A', GroupAction.AllowAnonymity), ('K', GroupAction.IsKeyParticipant), ('E', GroupAction.AllowExpelling),
        ];

        foreach (var precedence in Enum.GetValues<Precedence>())
            Assert.Equal(expected, string.Concat(actions
                .Where(each => GroupRules.Decide(group, each.Action, who, Now, precedence).Allowed)
                .Select(each => each.Letter)));
    }

    [Fact]
    public void A_verdict_names_the_rule_and_the_condition_that_decided()
    {
        var group = Resolve(Example);

        Assert.Equal("join-handling is true: rule \"members\" (is-list-member)", Explain(group, "sip:bob@example.com"));
        Assert.StartsWith(
            "join-handling is false: rule \"everyone-else\" (other-identity)",
            Explain(group, "sip:mallory@partner.example"),
            StringComparison.Ordinal);
    }

    private static string Explain(ResolvedGroup group, string user) =>
        GroupRules.Decide(group, GroupAction.JoinHandling, new(Uri(user)), Now).Explanation;
}
