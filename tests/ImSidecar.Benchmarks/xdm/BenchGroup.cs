using System.Collections.Immutable;
using System.Text;
using ImSidecar.Core.Rules;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Benchmarks.Xdm;

/// <summary>A group with rules of every kind, and who asks: members, guests and strangers.</summary>
internal static class BenchGroup
{
    private const string Head =
        "<group xmlns='urn:oma:xml:poc:list-service' xmlns:rl='urn:ietf:params:xml:ns:resource-lists'"
        + " xmlns:cr='urn:ietf:params:xml:ns:common-policy' xmlns:ocp='urn:oma:xml:xdm:common-policy'"
        + " xmlns:oxe='urn:oma:xml:xdm:extensions'><list-service uri='sip:crowd@groups.example.com'>";

    private const int Rules = 50;
    private const int People = 1000;

    public static byte[] Document(int members)
    {
        var text = new StringBuilder(Head).Append("<list>");
        for (var i = 0; i < members; i++)
            text.Append($"<entry uri='sip:member{i}@example.com'>")
                .Append($"<rl:display-name>Member {i}</rl:display-name></entry>");

        text.Append("</list><cr:ruleset>");
        for (var i = 0; i < Rules; i++)
            text.Append($"<cr:rule id='rule{i}'><cr:conditions>{Conditions(i)}</cr:conditions>")
                .Append($"<cr:actions>{Actions(i)}</cr:actions></cr:rule>");

        text.Append("</cr:ruleset>").Append(SessionActive(Math.Max(1, members / 50)));
        return Encoding.UTF8.GetBytes(text.Append("</list-service></group>").ToString());
    }

    // The first range is open at the time of the requests.
    private static string SessionActive(int count)
    {
        var first = new DateTime(2026, 11, 20, 9, 0, 0);
        var required = string.Concat(Enumerable.Range(0, count)
            .Select(i => $"<oxe:entry uri='sip:member{i}@example.com'/>"));
        var ranges = string.Concat(Enumerable.Range(0, count).Select(i =>
            $"<oxe:time-range><oxe:start-time>{first.AddHours(2 * i):s}Z</oxe:start-time>"
            + $"<oxe:end-time>{first.AddHours((2 * i) + 1):s}Z</oxe:end-time></oxe:time-range>"));
        return "<oxe:session-active-policy oxe:must-understand='true'>"
            + $"<oxe:required-participants-list>{required}</oxe:required-participants-list>"
            + $"<oxe:schedule>{ranges}</oxe:schedule></oxe:session-active-policy>";
    }

    /// <summary>All are invited when one calls, and each may.</summary>
    public static byte[] PreArranged(int members)
    {
        var text = new StringBuilder(Head).Append("<list>");
        for (var i = 0; i < members; i++)
            text.Append($"<entry uri='sip:member{i}@example.com'/>");

        return Encoding.UTF8.GetBytes(text.Append("</list><invite-members>true</invite-members><cr:ruleset>")
            .Append("<cr:rule id='members'><cr:conditions><is-list-member/></cr:conditions><cr:actions>")
            .Append("<join-handling>true</join-handling><allow-initiate-conference>true</allow-initiate-conference>")
            .Append("</cr:actions></cr:rule></cr:ruleset></list-service></group>").ToString());
    }

    public static ImmutableArray<Requester> Requesters(int members) =>
    [
        .. Enumerable.Range(0, People).Select(i => (i % 4) switch
        {
            0 or 1 => Person($"sip:member{i * 7 % members}@example.com"),
            2 => Person($"sip:guest{i % 30}@partner{i % 5}.example"),
            _ => Person($"sip:stranger{i}@elsewhere.example"),
        }),
    ];

    public static ResolvedGroup Resolve(byte[] document)
    {
        var groups = GroupDocumentXml.TryParse(document, out var read, out var error)
            ? read : throw new InvalidDataException(error);
        return ResolvedGroup.Expand(groups[0], new Dictionary<DocumentSelector, ReferencedDocument>()).Resolved!;
    }

    private static Requester Person(string uri) =>
        SipUri.TryParse(uri, out var parsed) ? new(parsed) : throw new FormatException(uri);

    private static string Conditions(int rule) => (rule % 5) switch
    {
        0 => $"<cr:identity><cr:one id='sip:guest{rule}@partner1.example'/></cr:identity>",
        1 => $"<cr:identity><cr:many domain='partner{rule % 4}.example'>"
            + $"<cr:except id='sip:guest{rule}@partner1.example'/></cr:many></cr:identity>",
        2 => "<is-list-member/><oxe:media-list><oxe:message-session/></oxe:media-list>",
        3 => "<is-list-member/><cr:validity><cr:from>2026-01-01T00:00:00Z</cr:from>"
            + "<cr:until>2026-12-31T00:00:00Z</cr:until></cr:validity>",
        _ => "<ocp:other-identity/>",
    };

    private static string Actions(int rule) => (rule % 3) switch
    {
        0 => "<join-handling>true</join-handling>",
        1 => "<allow-conference-state>true</allow-conference-state><join-handling>false</join-handling>",
        _ => "<allow-initiate-conference>true</allow-initiate-conference>",
    };
}
