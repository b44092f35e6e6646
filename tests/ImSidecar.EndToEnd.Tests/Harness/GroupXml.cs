using System.Text;

namespace ImSidecar.EndToEnd.Tests.Harness;

/// <summary>A group document as an owner writes it; members may join, start and watch by default.</summary>
public sealed record GroupXml(string Uri, params string[] Members)
{
    private const string Everything =
        "<join-handling>true</join-handling><allow-initiate-conference>true</allow-initiate-conference>"
        + "<allow-conference-state>true</allow-conference-state>";

    public const string OfMembers =
        "<cr:rule id=\"members\"><cr:conditions><is-list-member/></cr:conditions><cr:actions>"
        + Everything + "</cr:actions></cr:rule>";

    public bool InvitesMembers { get; init; }

    /// <summary>What the document calls members, by URI.</summary>
    public IReadOnlyDictionary<string, string> Names { get; init; } = new Dictionary<string, string>();

    public int? MaxParticipants { get; init; }

    public string? Subject { get; init; }

    /// <summary>Anchors of lists whose entries are members too.</summary>
    public IReadOnlyList<string> Externals { get; init; } = [];

    /// <summary>What session-active-policy holds; null: there is none.</summary>
    public string? SessionActive { get; init; }

    public string Rules { get; init; } = OfMembers;

    /// <summary>A rule for one user, with these actions.</summary>
    public static string Rule(string id, string user, string actions) =>
        $"<cr:rule id=\"{id}\"><cr:conditions><cr:identity><cr:one id=\"{user}\"/></cr:identity></cr:conditions>"
        + $"<cr:actions>{actions}</cr:actions></cr:rule>";

    public override string ToString()
    {
        var text = new StringBuilder()
            .Append("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<group xmlns=\"urn:oma:xml:poc:list-service\"")
            .Append(" xmlns:rl=\"urn:ietf:params:xml:ns:resource-lists\"")
            .Append(" xmlns:cr=\"urn:ietf:params:xml:ns:common-policy\"")
            .Append(" xmlns:ocp=\"urn:oma:xml:xdm:common-policy\" xmlns:oxe=\"urn:oma:xml:xdm:extensions\">")
            .Append($"<list-service uri=\"{Uri}\"><display-name>The skiers</display-name><list>");
        foreach (var member in Members)
            text.Append(Names.TryGetValue(member, out var name)
                ? $"<entry uri=\"{member}\"><rl:display-name>{name}</rl:display-name></entry>"
                : $"<entry uri=\"{member}\"/>");
        foreach (var anchor in Externals)
            text.Append($"<external anchor=\"{anchor}\"/>");
        text.Append("</list>").Append($"<invite-members>{(InvitesMembers ? "true" : "false")}</invite-members>");
        if (MaxParticipants is { } most)
            text.Append($"<max-participant-count>{most}</max-participant-count>");
        text.Append($"<cr:ruleset>{Rules}</cr:ruleset>");
        if (SessionActive is not null)
        {
            text.Append("<oxe:session-active-policy oxe:must-understand=\"true\">")
                .Append(SessionActive).Append("</oxe:session-active-policy>");
        }

        if (Subject is not null)
            text.Append($"<oxe:subject>{Subject}</oxe:subject>");
        return text.Append("</list-service></group>\n").ToString();
    }
}
