using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Core.Rules;

/// <summary>Why rules came to an outcome; put into words only when somebody reads them.</summary>
/// <param name="action">The element of the action.</param>
/// <param name="outcome">The value it came to.</param>
/// <param name="says">The value that a rule gives the action, or null.</param>
internal sealed class RuleTrace(
    CompiledRules rules, string action, string outcome, Func<RuleActions, string?> says,
    Requester who, RuleCircumstances circumstances, Precedence precedence)
{
    private const int MaxRules = 8;

    /// <summary>For the requester: which rule decided, nothing of the others.</summary>
    public string Reason => Deciding(Judge()) is { } rule
        ? $"{action} is {outcome}: {Describe(rule)}"
        : $"{action} is {outcome} by default";

    /// <summary>For the operator: the reason, why no other rule decided, and what could not be resolved.</summary>
    public override string ToString()
    {
        var standings = Judge();
        var isByDefault = Deciding(standings) is null;
        List<string> parts = [.. isByDefault ? ByDefault(standings) : GivingWay(standings)];
        if (outcome is not ("true" or "accept"))
            parts.AddRange(rules.Problems.Take(MaxRules).Select(each => "problem: " + each));

        return parts.Count == 0 ? Reason : Reason + (isByDefault ? ": " : "; ") + string.Join("; ", parts);
    }

    public static string? Text(bool? value) => value switch
    {
        null => null,
        true => "true",
        false => "false",
    };

    private Standing[] Judge()
    {
        var standings = new Standing[rules.Rules.Length];
        rules.Judge(who, circumstances, precedence, standings);
        return standings;
    }

    private CompiledRule? Deciding(Standing[] standings) =>
        With(Standing.Counts, standings).FirstOrDefault(rule => says(rule.Actions) == outcome);

    private IEnumerable<string> ByDefault(Standing[] standings)
    {
        if (rules.Rules.IsEmpty)
            return ["there are no rules"];

        var counting = With(Standing.Counts, standings).Select(rule => $"{Describe(rule)} does not say").ToList();
        return counting.Count > 0
            ? counting.Take(MaxRules).Concat(GivingWay(standings))
            : [$"no rule matches {who}", .. Failing(standings)];
    }

    private IEnumerable<string> GivingWay(Standing[] standings) =>
        With(Standing.GivesWay, standings)
            .Where(rule => says(rule.Actions) is { } value && value != outcome).Take(MaxRules)
            .Select(rule => $"{Describe(rule)}, which says {says(rule.Actions)}, gives way to a rule for the identity");

    private IEnumerable<string> Failing(Standing[] standings)
    {
        var failing = With(Standing.Fails, standings).ToList();
        var told = failing.Take(MaxRules).Select(rule =>
            $"rule {RuleText.Quote(rule.Id)}: {NameOfFailing(rule)} does not hold");
        return failing.Count > MaxRules ? told.Append($"and {failing.Count - MaxRules} more") : told;
    }

    /// <summary>All hold by themselves: then the rule is for those whom no other matches, and another does.</summary>
    private string NameOfFailing(CompiledRule rule) =>
        rule.Failing(who, circumstances)?.Name ?? "other-identity";

    private IEnumerable<CompiledRule> With(Standing standing, Standing[] standings) =>
        rules.Rules.Where((_, i) => standings[i] == standing);

    private static string Describe(CompiledRule rule)
    {
        var conditions = rule.Conditions.IsEmpty
            ? "no conditions" : string.Join(", ", rule.Conditions.Select(condition => condition.Name));
        return $"rule {RuleText.Quote(rule.Id)} ({conditions})";
    }
}
