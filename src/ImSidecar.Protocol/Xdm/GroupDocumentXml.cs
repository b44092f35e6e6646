using System.Collections.Immutable;
using System.Globalization;
using System.Xml.Linq;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Protocol.Xdm;

/// <summary>application/vnd.oma.poc.groups+xml, Shared Group XDM; read in any order of the elements.</summary>
public static class GroupDocumentXml
{
    public const string MediaType = "application/vnd.oma.poc.groups+xml";
    public const int MaxGroups = 100;
    public const int MaxProblems = 16;

    private const string List = XdmNames.ListService;

    /// <summary>The error holds nothing of the document but names of known elements.</summary>
    public static bool TryParse(
        ReadOnlyMemory<byte> body, out ImmutableArray<GroupDocument> groups, out string error)
    {
        groups = [];
        if (!XmlTree.TryRead(body, out var root, out error))
            return false;

        error = Read(root, out groups) ?? "";
        return error.Length == 0;
    }

    private static string? Read(XElement root, out ImmutableArray<GroupDocument> groups)
    {
        groups = [];
        if (!root.Is(List, "group"))
            return "Not a group document";

        var read = ImmutableArray.CreateBuilder<GroupDocument>();
        foreach (var element in root.Elements().Where(each => each.Is(List, "list-service")))
        {
            if (read.Count == MaxGroups)
                return "Group document has too many groups";

            if (ReadGroup(element, out var group) is { } error)
                return error;

            read.Add(group);
        }

        groups = read.ToImmutable();
        return groups.IsEmpty ? "Group document has no list-service" : null;
    }

    private static string? ReadGroup(XElement service, out GroupDocument group)
    {
        group = null!;
        if (!SipUri.TryParse(service.Text("uri"), out var uri))
            return "The uri of a list-service is no SIP URI";

        if (service.SaysTwice())
            return "A list-service has an element twice";

        var read = new GroupDocument { Uri = uri, DisplayName = service.Child(List, "display-name")?.Text() };
        if (ReadMembers(service.Child(List, "list"), ref read) is { } listError)
            return listError;

        if (!TryReadFlag(service.Child(List, "invite-members"), out var invite))
            return "The value of invite-members is none";

        if (!TryReadCount(service.Child(List, "max-participant-count"), 0, out var most))
            return "The value of max-participant-count is none";

        var rules = RuleSet.Empty;
        if (service.Child(XdmNames.CommonPolicy, "ruleset") is { } ruleset
            && RuleSetXml.Read(ruleset, out rules) is { } ruleError)
            return ruleError;

        read = read with { InviteMembers = invite, MaxParticipants = most, Rules = rules };
        return GroupExtensionReader.Read(service, read, out group);
    }

    private static string? ReadMembers(XElement? list, ref GroupDocument group)
    {
        var members = ImmutableArray.CreateBuilder<GroupMember>();
        var externals = ImmutableArray.CreateBuilder<string>();
        var problems = ImmutableArray.CreateBuilder<string>();
        var entries = 0;
        foreach (var element in list?.Elements() ?? [])
        {
            if (element.Is(List, "external") && element.Text("anchor") is { } anchor)
                externals.Add(anchor);

            if (!element.Is(List, "entry"))
                continue;

            if (++entries > GroupDocument.MaxMembers)
                return "Group has too many members";

            if (SipUri.TryParse(element.Text("uri"), out var uri))
                members.Add(new(uri, element.Child(XdmNames.ResourceLists, "display-name")?.Text()));
            else if (problems.Count < MaxProblems)
                problems.Add($"entry {entries} of the list has no SIP or tel URI");
        }

        group = group with
        {
            Members = members.ToImmutable(),
            Externals = externals.ToImmutable(),
            Problems = problems.ToImmutable(),
        };
        return null;
    }

    /// <summary>A missing element is false.</summary>
    internal static bool TryReadFlag(XElement? element, out bool value)
    {
        value = false;
        return element is null || XmlTree.TryReadBoolean(element.Text(), out value);
    }

    /// <summary>A missing element is null; more than an int is as good as the greatest int.</summary>
    internal static bool TryReadCount(XElement? element, int least, out int? count)
    {
        count = null;
        if (element is null)
            return true;

        var text = element.Text();
        if (text is null or "" || text.AsSpan().TrimStart('+').ContainsAnyExceptInRange('0', '9'))
            return false;

        count = int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number : int.MaxValue;
        return count >= least;
    }
}
