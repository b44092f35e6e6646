using System.Collections.Immutable;
using System.Xml.Linq;

namespace ImSidecar.Protocol.Xdm;

/// <summary>A rule set: RFC 4745 13 within a group document, or alone as application/auth-policy+xml.</summary>
public static class RuleSetXml
{
    public const string MediaType = "application/auth-policy+xml";

    /// <summary>The error holds nothing of the document but names of known elements.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> body, out RuleSet rules, out string error)
    {
        rules = RuleSet.Empty;
        if (!XmlTree.TryRead(body, out var root, out error))
            return false;

        if (!root.Is(XdmNames.CommonPolicy, "ruleset"))
        {
            error = "Not a ruleset document";
            return false;
        }

        error = Read(root, out rules) ?? "";
        return error.Length == 0;
    }

    /// <summary>The error, or null.</summary>
    internal static string? Read(XElement ruleset, out RuleSet rules)
    {
        rules = RuleSet.Empty;
        var read = ImmutableArray.CreateBuilder<Rule>();
        foreach (var element in ruleset.Elements())
        {
            if (!element.Is(XdmNames.CommonPolicy, "rule"))
                continue;

            if (read.Count == RuleSet.MaxRules)
                return "Rule set has too many rules";

            if (element.Text("id") is not { Length: > 0 } id)
                return "A rule has no id";

            if (element.SaysTwice())
                return "A rule has an element twice";

            if (RuleConditionReader.Read(element, out var conditions) is { } conditionError)
                return conditionError;

            if (RuleActionReader.Read(element.Child(XdmNames.CommonPolicy, "actions"), out var actions) is { } error)
                return error;

            read.Add(new(id, conditions, actions));
        }

        rules = new(read.ToImmutable());
        return null;
    }
}
