using System.Diagnostics;
using System.Text;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Protocol.Tests.Xdm;

/// <summary>Shared Group XDM: the group document.</summary>
public class GroupDocumentXmlTests
{
    [Fact]
    public void The_example_is_understood()
    {
        var group = Read(Vectors.Read("xdm/group.xml"));

        Assert.Equal("sip:skiers@groups.example.com", group.Uri.Text);
        Assert.Equal("Skiing club", group.DisplayName);
        Assert.Equal("Where to ski this weekend", group.Subject);
        Assert.Equal(
            [("sip:alice@example.com", "Alice"), ("sip:bob@example.com", "Bob"), ("sip:carol@example.net", null)],
            group.Members.Select(member => (member.Address.Text, member.DisplayName)));
        Assert.EndsWith("list%5b@name=%22ski%22%5d", Assert.Single(group.Externals), StringComparison.Ordinal);
        Assert.True(group.InviteMembers);
        Assert.Equal(10, group.MaxParticipants);
        Assert.Equal(
            ["members", "owner", "guest-domain", "everyone-else", "anonymous"],
            group.Rules.Rules.Select(rule => rule.Id));
        Assert.Equal(TimeSpan.FromHours(2), group.SessionActive?.MaxDuration);
        Assert.Equal(2, group.SessionActive?.MinParticipants);
        Assert.True(group.SupportedServices?.Includes("IM", ["message-session", "pager-mode-message"]));
        Assert.False(group.SupportedServices?.Includes("IM", ["video"]));
        Assert.Empty(group.NotUnderstood);
        Assert.Empty(group.Problems);
    }

    [Fact]
    public void The_example_is_valid_and_the_schema_sees_a_wrong_order()
    {
        var example = Vectors.Read("xdm/group.xml");
        var spoiled = Encoding.UTF8.GetString(example)
            .Replace("<invite-members>true</invite-members>", "", StringComparison.Ordinal)
            .Replace(
                "</list-service>", "<invite-members>true</invite-members></list-service>", StringComparison.Ordinal);

        Assert.Empty(Schemas.GroupDocument.Errors(example));
        Assert.NotEmpty(Schemas.GroupDocument.Errors(Encoding.UTF8.GetBytes(spoiled)));
    }

    [Fact]
    public void A_group_with_nothing_is_a_chat_group_that_nobody_may_use()
    {
        var group = Read(Xml.Group(""));

        Assert.Empty(group.Members);
        Assert.Empty(group.Rules.Rules);
        Assert.False(group.InviteMembers);
        Assert.Null(group.MaxParticipants);
        Assert.Null(group.SupportedServices);
    }

    [Fact]
    public void A_document_may_hold_several_groups()
    {
        var document = Xml.Bytes(
            $"<group{Xml.Namespaces}><list-service uri='sip:a@b'/><list-service uri='tel:+1'/></group>");

        Assert.True(GroupDocumentXml.TryParse(document, out var groups, out _));
        Assert.Equal(["sip:a@b", "tel:+1"], groups.Select(group => group.Uri.Text));
    }

    [Fact]
    public void Extensions_are_data()
    {
        var group = Read(Xml.Group(
            "<oxe:age-restrictions oxe:must-understand='false'><oxe:age from='12' until='16'/><oxe:age from='60'/>"
            + "</oxe:age-restrictions><oxe:automatic-group-advertisement>true</oxe:automatic-group-advertisement>"
            + "<oxe:qoe oxe:must-understand='0'><oxe:premium/></oxe:qoe><oxe:searchable>1</oxe:searchable>"
            + "<oxe:session-active-policy oxe:must-understand='false'><oxe:required-participants-list>"
            + "<oxe:entry uri='sip:a@b'/><oxe:external anchor='http://x'/></oxe:required-participants-list>"
            + "<oxe:schedule><oxe:time-range><oxe:start-time>2027-01-01T00:00:00Z</oxe:start-time></oxe:time-range>"
            + "</oxe:schedule></oxe:session-active-policy>"));

        Assert.Equal([new(12, 16), new AgeRange(60, null)], group.AgeRestrictions);
        Assert.True(group.AdvertiseAutomatically);
        Assert.True(group.Searchable);
        Assert.Equal("premium", group.Qoe);
        Assert.Equal(["sip:a@b"], group.SessionActive?.RequiredParticipants);
        Assert.Equal(["http://x"], group.SessionActive?.RequiredExternals);
        Assert.Equal(
            new(new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero), null),
            Assert.Single(group.SessionActive!.Schedule));
        Assert.Empty(group.NotUnderstood);
    }

    [Theory]
    [InlineData("<oxe:qoe oxe:must-understand='true'><oxe:basic/></oxe:qoe>", "qoe")]
    [InlineData("<oxe:age-restrictions oxe:must-understand='1'/>", "age-restrictions")]
    [InlineData("<oxe:session-active-policy oxe:must-understand='true'/>", null)]
    [InlineData("<x:fee oxe:must-understand='true'/>", "fee")]
    [InlineData("<x:fee oxe:must-understand='maybe'/>", "fee")]
    [InlineData("<oxe:subject oxe:must-understand='true'>S</oxe:subject>", null)]
    [InlineData("<x:fee/><x:fee/>", null)]
    [InlineData("<fee oxe:must-understand='true'/>", "fee")]
    [InlineData("<cr:ruleset oxe:must-understand='true'/>", null)]
    public void What_must_be_understood_and_is_not_is_named(string element, string? name) =>
        Assert.Equal(name, Read(Xml.Group(element)).NotUnderstood.SingleOrDefault());

    [Fact]
    public void An_entry_that_is_no_user_of_ours_is_passed_over_and_told()
    {
        var group = Read(Xml.Group("<list><entry uri='pres:a@b'/><entry/><entry uri='sip:c@d'/></list>"));

        Assert.Equal("sip:c@d", Assert.Single(group.Members).Address.Text);
        Assert.Equal(
            ["entry 1 of the list has no SIP or tel URI", "entry 2 of the list has no SIP or tel URI"],
            group.Problems);
    }

    [Theory]
    [InlineData("", "not well-formed")]
    [InlineData("<group/>", "Not a group document")]
    [InlineData("<!DOCTYPE g [<!ENTITY a 'b'>]><g>&a;</g>", "not well-formed")]
    [InlineData("<!DOCTYPE g [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><g>&a;</g>", "not well-formed")]
    [InlineData("<group xmlns='urn:oma:xml:poc:list-service'/>", "no list-service")]
    [InlineData("<group xmlns='urn:oma:xml:poc:list-service'><list-service/></group>", "no SIP URI")]
    [InlineData("<group xmlns='urn:oma:xml:poc:list-service'><list-service uri='mailto:a@b'/></group>", "no SIP URI")]
    [InlineData("{<invite-members>yes</invite-members>}", "invite-members")]
    [InlineData("{<invite-members/>}", "invite-members")]
    [InlineData("{<max-participant-count>-1</max-participant-count>}", "max-participant-count")]
    [InlineData("{<max-participant-count>ten</max-participant-count>}", "max-participant-count")]
    [InlineData("{<oxe:searchable>maybe</oxe:searchable>}", "searchable")]
    [InlineData(
        "{<oxe:automatic-group-advertisement>maybe</oxe:automatic-group-advertisement>}",
        "automatic-group-advertisement")]
    [InlineData(
        "{<oxe:session-active-policy><oxe:max-duration>0</oxe:max-duration></oxe:session-active-policy>}",
        "max-duration")]
    [InlineData(
        "{<oxe:session-active-policy><oxe:min-participant-count>x</oxe:min-participant-count>"
        + "</oxe:session-active-policy>}",
        "min-participant-count")]
    [InlineData(
        "{<oxe:session-active-policy><oxe:schedule><oxe:time-range><oxe:end-time>noon</oxe:end-time></oxe:time-range>"
        + "</oxe:schedule></oxe:session-active-policy>}",
        "schedule")]
    [InlineData("{<cr:ruleset/><cr:ruleset/>}", "twice")]
    [InlineData("{<list/><list/>}", "twice")]
    [InlineData("{<cr:ruleset><cr:rule/></cr:ruleset>}", "no id")]
    public void What_cannot_be_used_is_refused_with_a_reason(string text, string reason)
    {
        var document = text is ['{', .. var content, '}'] ? Xml.Group(content) : Xml.Bytes(text);

        Assert.False(GroupDocumentXml.TryParse(document, out var groups, out var error));

        Assert.Contains(reason, error, StringComparison.Ordinal);
        Assert.Empty(groups);
    }

    [Fact]
    public void A_count_beyond_all_measure_is_as_good_as_the_greatest() =>
        Assert.Equal(
            int.MaxValue,
            Read(Xml.Group("<max-participant-count>99999999999</max-participant-count>")).MaxParticipants);

    [Fact]
    public void Members_groups_depth_attributes_nodes_and_bytes_are_bounded()
    {
        Assert.Equal(20_000, Read(Xml.Group(Members(20_000))).Members.Length);
        Assert.Equal(
            [
                "Group has too many members", "Group document has too many groups", "Document is nested too deeply",
                "Document has an element with too many attributes", "Document has too many elements",
                "Document is too large",
            ],
            [
                Error(Xml.Group(Members(20_001))),
                Error(Xml.Bytes($"<group{Xml.Namespaces}>{Xml.Repeat("<list-service uri='sip:a@b'/>", 101)}</group>")),
                Error(Xml.Group(Xml.Repeat("<x:x>", 31) + Xml.Repeat("</x:x>", 31))),
                Error(Xml.Group($"<x:x {string.Concat(Enumerable.Range(0, 65).Select(i => $"a{i}='' "))}/>")),
                Error(Xml.Group(Xml.Repeat("<a/>", 250_000))),
                Error(Xml.Group(new string(' ', 1024 * 1024))),
            ]);
    }

    [Fact]
    public void Entities_in_entities_are_refused_at_once()
    {
        var laughs = string.Concat(Enumerable.Range(1, 30).Select(i => $"<!ENTITY l{i} '&l{i - 1};&l{i - 1};'>"));
        var watch = Stopwatch.StartNew();

        Assert.Contains(
            "without DTD",
            Error(Xml.Bytes($"<!DOCTYPE g [<!ENTITY l0 'ha'>{laughs}]><g>&l30;</g>")),
            StringComparison.Ordinal);

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(2));
    }

    [Fact]
    public void Much_text_in_many_pieces_costs_no_square_of_it()
    {
        var watch = Stopwatch.StartNew();

        var group = Read(Xml.Group($"<display-name>{Xml.Repeat("<![CDATA[a]]><!---->", 50_000)}</display-name>"));

        Assert.Equal(50_000, group.DisplayName?.Length);

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), watch.Elapsed.ToString());
    }

    [Fact]
    public void Damaged_documents_never_throw()
    {
        foreach (var spoiled in Damage.Of(Vectors.Read("xdm/group.xml")))
            Assert.Equal(GroupDocumentXml.TryParse(spoiled, out _, out var error), error.Length == 0);
    }

    private static string Members(int count) => $"<list>{Xml.Repeat("<entry uri='sip:a@b'/>", count)}</list>";

    private static string Error(byte[] document)
    {
        Assert.False(GroupDocumentXml.TryParse(document, out _, out var error));
        return error;
    }

    private static GroupDocument Read(byte[] document)
    {
        Assert.True(GroupDocumentXml.TryParse(document, out var groups, out var error), error);
        return Assert.Single(groups);
    }
}
