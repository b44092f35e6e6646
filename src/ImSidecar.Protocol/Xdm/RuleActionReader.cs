using System.Xml.Linq;

namespace ImSidecar.Protocol.Xdm;

/// <summary>Reads the actions of a rule; a known action with a wrong value spoils the document.</summary>
internal static class RuleActionReader
{
    /// <summary>The error, or null.</summary>
    public static string? Read(XElement? element, out RuleActions actions)
    {
        actions = new();
        foreach (var action in element?.Elements() ?? [])
            if (ReadOne(action, ref actions) is { } error)
                return error;

        return null;
    }

    private static string? ReadOne(XElement element, ref RuleActions actions)
    {
        var (xmlNamespace, name) = (element.Name.NamespaceName, element.Name.LocalName);
        if (RuleActions.TryFind(xmlNamespace, name, out var action))
        {
            if (!TryReadValue(element, action, out var value))
                return $"The value of {name} is none";

            actions = actions.With(action, value);
            if (action == RuleAction.AllowForward)
                actions = actions with { ForwardTo = element.Child(XdmNames.Extensions21, "forward-to")?.Text() };

            return null;
        }

        switch (xmlNamespace, name)
        {
            case (XdmNames.PocRules, "allow-invite"):
                InviteHandling? handling = element.Text() switch
                {
                    "reject" => InviteHandling.Reject,
                    "pass" => InviteHandling.Pass,
                    "accept" => InviteHandling.Accept,
                    _ => null,
                };
                actions = actions with { AllowInvite = handling };
                return handling is null ? "The value of allow-invite is none" : null;

            case (XdmNames.Extensions, "remove-media-handling"):
                MediaRemoval? removal = element.Text() switch
                {
                    "none" => MediaRemoval.None,
                    "own" => MediaRemoval.Own,
                    "other" => MediaRemoval.Other,
                    "any" => MediaRemoval.Any,
                    _ => null,
                };
                actions = actions with { RemoveMedia = removal };
                return removal is null ? "The value of remove-media-handling is none" : null;

            default:
                actions = actions with { Unknown = actions.Unknown.Add(name) };
                return null;
        }
    }

    /// <summary>Most are the text of the element; some are an attribute that is qualified or not.</summary>
    private static bool TryReadValue(XElement element, RuleAction action, out bool value) => action switch
    {
        RuleAction.AllowOfflineStorage =>
            XmlTree.TryReadBoolean(element.AttributeIn(XdmNames.Extensions, "allow"), out value),
        RuleAction.AllowForward or RuleAction.AllowInterwork or RuleAction.AllowDeliverAndInterwork =>
            XmlTree.TryReadBoolean(element.Text("execute"), out value),

        // What the drafts of 2005 wrote.
        RuleAction.JoinHandling when element.Text() is "allow" or "block" =>
            (value = element.Text() == "allow") || true,
        _ => XmlTree.TryReadBoolean(element.Text(), out value),
    };
}
