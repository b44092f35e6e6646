using System.Collections.Frozen;
using System.Collections.Immutable;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Core.Rules;

/// <summary>What becomes of a rule for a requester.</summary>
internal enum Standing : byte
{
    /// <summary>A condition does not hold.</summary>
    Fails,

    /// <summary>All conditions hold, but rules that come before it match too.</summary>
    GivesWay,

    Counts,
}

/// <summary>A rule ready to be asked.</summary>
internal sealed record CompiledRule(string Id, ImmutableArray<CompiledCondition> Conditions, RuleActions Actions)
{
    public RuleClass Class { get; } =
        Conditions.IsEmpty ? RuleClass.Anybody : Conditions.Max(condition => condition.Class);

    public CompiledCondition? Failing(Requester who, RuleCircumstances circumstances)
    {
        foreach (var condition in Conditions)
            if (!condition.Holds(who, circumstances))
                return condition;

        return null;
    }
}

/// <summary>A rule set ready to be asked, RFC 4745 10 and XDM Core; it costs a look-up for each condition.</summary>
internal sealed class CompiledRules(ImmutableArray<CompiledRule> rules, ImmutableArray<string> problems)
{
    public static CompiledRules None { get; } = new([], []);

    public ImmutableArray<CompiledRule> Rules { get; } = rules;

    public ImmutableArray<string> Problems { get; } = problems;

    public static CompiledRules Of(RuleSet rules, FrozenSet<string> members, ListExpander lists)
    {
        IEnumerable<string> Expand(string anchor) => lists.Expand(anchor).Select(member => member.Address.PersonKey);
        ImmutableArray<CompiledRule> compiled =
        [
            .. rules.Rules.Select(rule => new CompiledRule(
                rule.Id,
                [.. rule.Conditions.Select(each => CompiledCondition.Of(each, members, Expand))],
                rule.Actions)),
        ];
        return new(compiled, lists.Problems);
    }

    /// <summary>Fills in the standing of each rule, one after the other.</summary>
    public void Judge(
        Requester who, RuleCircumstances circumstances, Precedence precedence, Span<Standing> standings)
    {
        var isNamed = false;
        var isListed = false;
        for (var i = 0; i < Rules.Length; i++)
        {
            var rule = Rules[i];
            var matches = rule.Failing(who, circumstances) is null;
            standings[i] = matches ? Standing.Counts : Standing.Fails;
            isNamed |= matches && rule.Class == RuleClass.Named;
            isListed |= matches && rule.Class == RuleClass.Listed;
        }

        for (var i = 0; i < Rules.Length; i++)
        {
            if (Rules[i].Class == RuleClass.Other && (isNamed || isListed))
                standings[i] = Standing.Fails;
            else if (precedence == Precedence.Oma && isNamed && Rules[i].Class == RuleClass.Listed
                && standings[i] == Standing.Counts)
                standings[i] = Standing.GivesWay;
        }
    }

    /// <summary>What the rules that count say of an action, RFC 4745 10.2: yes if one does; null if none says.</summary>
    public bool? Combine(
        RuleAction action, Requester who, RuleCircumstances circumstances, Precedence precedence)
    {
        var count = Rules.Length;
        var standings = count > RuleSet.MaxRules ? new Standing[count] : stackalloc Standing[count];
        Judge(who, circumstances, precedence, standings);
        bool? combined = null;
        for (var i = 0; i < count; i++)
            if (standings[i] == Standing.Counts && Rules[i].Actions[action] is { } value)
                combined = value || combined == true;

        return combined;
    }

    /// <summary>What they say of an invitation: the greatest value; null if none says.</summary>
    public InviteHandling? CombineInvite(Requester who, RuleCircumstances circumstances, Precedence precedence)
    {
        var count = Rules.Length;
        var standings = count > RuleSet.MaxRules ? new Standing[count] : stackalloc Standing[count];
        Judge(who, circumstances, precedence, standings);
        InviteHandling? combined = null;
        for (var i = 0; i < count; i++)
            if (standings[i] == Standing.Counts && Rules[i].Actions.AllowInvite is { } value
                && !(combined >= value))
                combined = value;

        return combined;
    }
}
