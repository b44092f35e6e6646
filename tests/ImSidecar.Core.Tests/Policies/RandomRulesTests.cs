using System.Collections.Immutable;
using ImSidecar.Core.Policies;
using ImSidecar.Core.Rules;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Xdm;
using static ImSidecar.Core.Tests.Rules.Documents;

namespace ImSidecar.Core.Tests.Policies;

/// <summary>Random rules and requesters: verdicts against the text of RFC 4745 10 and XDM, word by word.</summary>
public class RandomRulesTests
{
    private static readonly string[] _users =
        ["sip:a@one.example", "sip:b@one.example", "sip:c@two.example", "tel:+15550100", "sip:d@three.example"];

    private static readonly string[] _members = ["sip:a@one.example", "sip:c@two.example"];

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 8)];

    [Theory, MemberData(nameof(Seeds))]
    public void A_verdict_is_what_the_text_says(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 500; round++)
        {
            var document = Group(random);
            var group = Resolve(document);
            var who = Who(random);
            var precedence = (Precedence)random.Next(2);
            var circumstances = new RuleCircumstances
            {
                Now = Given.start.AddHours(random.Next(3)),
                Media = random.Next(2) == 0 ? ["message-session"] : [],
                PrivateMessagesByDefault = false,
            };

            foreach (var action in (GroupAction[])[GroupAction.JoinHandling, GroupAction.AllowExpelling])
            {
                var verdict = GroupRules.Decide(group, action, who, circumstances, precedence);
                var granting = Counting(document.Rules.Rules, who, circumstances, precedence)
                    .Where(rule => rule.Actions[(RuleAction)action] == true).Select(rule => rule.Id).ToList();

                Assert.True(
                    granting.Count > 0 == verdict.Allowed,
                    $"{verdict.Explanation} for {string.Join(' ', who.Identities)} {precedence}");
                Assert.Equal(verdict.Allowed, verdict.Reason.Length == 0);
                Assert.Equal(
                    verdict.Allowed, granting.Exists(id => verdict.Explanation.Contains(
                        $"is true: rule \"{id}\"", StringComparison.Ordinal)));
            }
        }
    }

    [Theory, MemberData(nameof(Seeds))]
    public void Whoever_gets_something_by_the_order_of_OMA_gets_it_without_order_too(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 500; round++)
        {
            var group = Resolve(Group(random));
            var who = Who(random);

            if (GroupRules.Decide(group, GroupAction.JoinHandling, who, Now, Precedence.Oma).Allowed)
                Assert.True(GroupRules.Decide(group, GroupAction.JoinHandling, who, Now, Precedence.Rfc4745).Allowed);
        }
    }

    private static List<Rule> Counting(
        ImmutableArray<Rule> rules, Requester who, RuleCircumstances circumstances, Precedence precedence)
    {
        bool Has<T>(Rule rule) => rule.Conditions.Any(condition => condition is T);
        bool IsOther(Rule rule) => Has<OtherIdentityCondition>(rule);
        bool IsNamed(Rule rule) => !IsOther(rule) && Has<IdentityCondition>(rule);
        bool IsListed(Rule rule) =>
            !IsOther(rule) && !IsNamed(rule) && (Has<IsListMemberCondition>(rule) || Has<ExternalListCondition>(rule));

        var matching = rules.Where(rule => rule.Conditions.All(each => Holds(each, who, circumstances))).ToList();
        if (matching.Exists(rule => IsNamed(rule) || IsListed(rule)))
            matching.RemoveAll(IsOther);
        if (precedence == Precedence.Oma && matching.Exists(IsNamed))
            matching.RemoveAll(IsListed);
        return matching;
    }

    private static bool Holds(RuleCondition condition, Requester who, RuleCircumstances about) => condition switch
    {
        AnonymousRequestCondition => who.IsAnonymous,
        ValidityCondition validity => validity.Ranges.Any(range => range.Contains(about.Now)),
        MediaListCondition media =>
            about.Media.Length > 0 && about.Media.All(media.Media.Media.Contains),
        UnknownCondition => false,
        _ when who.IsAnonymous => false,
        OtherIdentityCondition => true,
        IsListMemberCondition => who.Identities.Any(each => _members.Contains(each.AddressKey)),
        IdentityCondition identity => who.Identities.Any(each => identity.One.Contains(each.AddressKey))
            || identity.Many.Any(many =>
                (many.Domain is null || who.Identities.Any(each => each.Host == many.Domain))
                && !who.Identities.Any(each =>
                    many.ExceptIds.Contains(each.AddressKey) || many.ExceptDomains.Contains(each.Host))),
        _ => throw new NotSupportedException(condition.Name),
    };

    private static Requester Who(Random random)
    {
        ImmutableArray<SipUri> identities =
            [.. _users.Where(_ => random.Next(3) == 0).Select(Given.Uri)];
        return new(identities, isAnonymous: random.Next(6) == 0);
    }

    private static GroupDocument Group(Random random) => new()
    {
        Uri = Given.Uri("sip:g@groups.example.com"),
        Members = [.. _members.Select(user => new GroupMember(Given.Uri(user), null))],
        Rules = new(
        [
            .. Enumerable.Range(0, random.Next(6)).Select(i => new Rule(
                $"r{i}",
                [.. Enumerable.Range(0, random.Next(3)).Select(_ => Condition(random))],
                Actions(random))),
        ]),
    };

    private static RuleActions Actions(Random random) => random.Next(5) switch
    {
        0 => new(),
        1 => new() { [RuleAction.AllowExpelling] = random.Next(2) == 0 },
        2 => new() { [RuleAction.AllowExpelling] = true, [RuleAction.JoinHandling] = random.Next(2) == 0 },
        _ => new() { [RuleAction.JoinHandling] = random.Next(2) == 0 },
    };

    private static RuleCondition Condition(Random random) => random.Next(7) switch
    {
        0 => new IsListMemberCondition(),
        1 => new OtherIdentityCondition(),
        2 => new AnonymousRequestCondition(),
        3 => new ValidityCondition(
            [new(Given.start.AddHours(random.Next(3)), Given.start.AddHours(random.Next(4)))]),
        4 => new MediaListCondition(new(false, [random.Next(2) == 0 ? "message-session" : "video"])),
        5 => random.Next(4) == 0 ? new UnknownCondition("x") : new IdentityCondition([User(random)], []),
        _ => new IdentityCondition(
            [],
            [
                new(
                    random.Next(2) == 0 ? null : Domain(random),
                    random.Next(2) == 0 ? [] : [User(random)],
                    random.Next(2) == 0 ? [] : [Domain(random)]),
            ]),
    };

    private static string User(Random random) => _users[random.Next(_users.Length)];

    private static string Domain(Random random) => random.Next(2) == 0 ? "one.example" : "two.example";
}
