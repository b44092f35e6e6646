using System.Text;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Server.Tests.Xdm;

/// <summary>What must not get in: the status and the error of RFC 4825, and the store as it was.</summary>
public sealed class XcapBadInputTests
{
    private const string Bomb = """
        <?xml version="1.0"?>
        <!DOCTYPE group [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>
        <group xmlns="urn:oma:xml:poc:list-service">
        <list-service uri="sip:a@groups.example.com">&c;</list-service></group>
        """;

    private const string External = """
        <!DOCTYPE group [<!ENTITY e SYSTEM "file:///etc/passwd">]>
        <group xmlns="urn:oma:xml:poc:list-service"><list-service uri="sip:a@groups.example.com">
        <display-name>&e;</display-name></list-service></group>
        """;

    private const string Schema = "schema-validation-error";
    private const string Unique = "uniqueness-failure";

    public static TheoryData<string, string> BadGroups => new()
    {
        { "", "not-well-formed" },
        { "nonsense", "not-well-formed" },
        { XcapHost.Group()[..^3], "not-well-formed" },
        { XcapHost.Group() + "<more/>", "not-well-formed" },
        { Bomb, "not-well-formed" },
        { External, "not-well-formed" },
        { With("UTF-8", "ISO-8859-1"), "not-utf-8" },
        { With("urn:oma:xml:poc:list-service", "urn:other"), Schema },
        { XcapHost.Lists(), Schema },
        { With("list-service", "service"), Schema },
        { "<group xmlns=\"urn:oma:xml:poc:list-service\"/>", Schema },
        { "<group xmlns=\"urn:oma:xml:poc:list-service\"><list-service/></group>", Schema },
        { XcapHost.Group(more: "<invite-members>true</invite-members>"), Schema },
        { XcapHost.Group(more: "<max-participant-count>1</max-participant-count>"), Schema },
        { With(">10<", ">many<"), Schema },
        { With(">10<", ">-1<"), Schema },
        { XcapHost.Group(list: "<external anchor=\"x\"/><entry uri=\"sip:x@y\"/>"), Schema },
        { XcapHost.Group(list: "<entry/>"), Schema },
        { XcapHost.Group(more: Rules("<cr:rule/>")), Schema },
        { XcapHost.Group(more: Rules(Rule("a", "<join-handling>perhaps</join-handling>"))), Schema },
        { XcapHost.Group(more: Rules("<cr:rule id=\"a\"><cr:actions/><cr:conditions/></cr:rule>")), Schema },
        { XcapHost.Group(more: "<x:searchable>2</x:searchable>"), Schema },
        { XcapHost.Group(more: "<x:session-active-policy/>"), Schema },
        { XcapHost.Group(more: Rules(Rule("a", "") + Rule("a", ""))), Unique },
        { XcapHost.Group(list: "<entry uri=\"sips:bob@EXAMPLE.com;x=y\"/>"), Unique },
        { Twice(), Unique },
        { XcapHost.Group(more: Rules("") + Rules("")), "constraint-failure" },
        { XcapHost.Group("http://groups.example.com/ski"), "constraint-failure" },
        { XcapHost.Group("sip:groups.example.com"), "constraint-failure" },
        { XcapHost.Group("sip::secret@groups.example.com"), "constraint-failure" },
        { XcapHost.Group("sip:ski@elsewhere.example.com"), "local-constraint-failure" },
        { XcapHost.Group("tel:+15550100"), "local-constraint-failure" },
        { XcapHost.Group(more: Deep(80)), "constraint-failure" },
        { XcapHost.Group(more: Deep(40)), "local-constraint-failure" },
    };

    [Theory]
    [MemberData(nameof(BadGroups))]
    public async Task A_bad_group_is_refused_by_name_and_nothing_is_stored(string body, string error)
    {
        await using var host = await XcapHost.StartAsync();

        var answer = await host.PutGroupAsync(body);

        Assert.Equal(error, answer.Error);
        Assert.Null(await host.StoredAsync(ApplicationUsage.Groups, XcapHost.Alice, "ski"));
        Assert.DoesNotContain("root:", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_unique_is_named_from_the_root_of_the_document()
    {
        await using var host = await XcapHost.StartAsync();

        var answer = await host.PutGroupAsync(XcapHost.Group(more: Rules(Rule("a", "") + Rule("a", ""))));

        var place = Assert.Single(XcapErrors.Read(answer).Elements());
        Assert.Equal("group/list-service/ruleset/rule/@id", place.Attribute("field")!.Value);
    }

    [Theory]
    [MemberData(nameof(BadGroups))]
    public async Task A_bad_group_does_not_replace_a_good_one(string body, string error)
    {
        await using var host = await XcapHost.StartAsync();
        var etag = (await host.PutGroupAsync(XcapHost.Group())).ETag;

        Assert.Equal(error, (await host.PutGroupAsync(body)).Error);

        var stored = await host.StoredAsync(ApplicationUsage.Groups, XcapHost.Alice, "ski");
        Assert.Equal(etag, stored!.Entry.ETag);
        Assert.Equal(XcapHost.Group(), Encoding.UTF8.GetString(stored.Content.Span));
    }

    [Theory]
    [InlineData("<list name='a'/><list name='a'/>", "uniqueness-failure")]
    [InlineData("<list name='a'><list name='b'/><list name='b'/></list>", "uniqueness-failure")]
    [InlineData("<list name='a'><entry uri='sip:x@y'/><entry uri='sip:x@Y'/></list>", "uniqueness-failure")]
    [InlineData("<list name='a'><entry-ref ref='x'/><entry-ref ref='x'/></list>", "uniqueness-failure")]
    [InlineData("<list name='a'><external anchor='x'/><external anchor='x'/></list>", "uniqueness-failure")]
    [InlineData("<list><entry/></list>", "schema-validation-error")]
    [InlineData("<list><display-name>a</display-name><display-name>b</display-name></list>", "schema-validation-error")]
    [InlineData("<entry uri='sip:x@y'/>", "schema-validation-error")]
    public async Task A_bad_list_is_refused_by_name(string content, string error)
    {
        await using var host = await XcapHost.StartAsync();

        var answer = await host.PutAsync(XcapHost.ListPath, XcapHost.ListsType, XcapHost.Lists(content));

        Assert.Equal(error, answer.Error);
    }

    [Theory]
    [InlineData("<list name='a'/><list name='b'/><list/><list/>")]
    [InlineData("<list name='a'><list name='a'/></list>")]
    [InlineData("<list><entry uri='sip:x@y'/></list><list><entry uri='sip:x@y'/></list>")]
    [InlineData("<list><display-name xml:lang='de'>a</display-name><external anchor='x'/><entry uri='tel:+1'/></list>")]
    public async Task A_good_list_is_taken(string content)
    {
        await using var host = await XcapHost.StartAsync();

        Assert.Equal(201, (await host.PutAsync(XcapHost.ListPath, XcapHost.ListsType, XcapHost.Lists(content))).Code);
    }

    [Fact]
    public async Task The_schemas_know_what_OMA_adds()
    {
        await using var host = await XcapHost.StartAsync();
        var more = Rules(
            Rule("a", "<x:allow-offline-storage xmlns:x=\"urn:oma:xml:xdm:extensions\" x:allow=\"true\"/>")
            + """
              <cr:rule id="b"><cr:conditions><is-list-member/></cr:conditions></cr:rule>
              <cr:rule id="c"><cr:conditions><o:other-identity xmlns:o="urn:oma:xml:xdm:common-policy"/>
                <cr:validity><cr:from>2026-01-01T00:00:00Z</cr:from>
                  <cr:until>2027-01-01T00:00:00Z</cr:until></cr:validity>
              </cr:conditions></cr:rule>
              """)
            + """
              <x:session-active-policy x:must-understand="false"><x:max-duration>7200</x:max-duration>
                <x:required-participants-list><x:entry uri="sip:alice@example.com"/></x:required-participants-list>
                <x:min-participant-count>2</x:min-participant-count></x:session-active-policy>
              <x:subject xml:lang="en">Where to ski</x:subject>
              <x:supported-services><x:service enabler="IM"><x:group-media><x:message-session/><x:pager-mode-message/>
              </x:group-media></x:service></x:supported-services>
              """
            + "<o:unknown xmlns:o=\"urn:unknown\"/>";

        Assert.Equal(201, (await host.PutGroupAsync(XcapHost.Group(more: more))).Code);
    }

    [Theory]
    [InlineData("accept", 201)]
    [InlineData("maybe", 409)]
    public async Task Access_rules_have_a_name_and_values(string value, int code)
    {
        await using var host = await XcapHost.StartAsync();
        const string Folder = "org.openmobilealliance.access-rules/users/sip:alice@example.com/";
        var body = "<cr:ruleset xmlns:cr=\"urn:ietf:params:xml:ns:common-policy\"><cr:rule id=\"a\"><cr:actions>"
            + $"<p:allow-invite xmlns:p=\"urn:oma:xml:poc:poc-rules\">{value}</p:allow-invite>"
            + "</cr:actions></cr:rule></cr:ruleset>";

        var answer = await host.PutAsync(Folder + "access-rules", "application/auth-policy+xml", body);
        var misnamed = await host.PutAsync(Folder + "rules", "application/auth-policy+xml", body);

        Assert.Equal(code, answer.Code);
        Assert.Equal("local-constraint-failure", misnamed.Error);
    }

    [Theory]
    [InlineData("/xcap-root/", "404")]
    [InlineData("/xcap-root/unknown-usage/users/sip:alice@example.com/x", "404")]
    [InlineData("/xcap-root/org.openmobilealliance.search/users/sip:alice@example.com/x", "404")]
    [InlineData("/xcap-root/resource-lists/users/sip:alice@example.com", "404")]
    [InlineData("/xcap-root/resource-lists/global/index", "404")]
    [InlineData("/xcap-root/resource-lists/users/sip:bob@example.com/../sip:alice@example.com/index", "400")]
    [InlineData("/xcap-root/resource-lists/users/sip:bob@example.com/%2e%2e/sip:alice@example.com/index", "400")]
    [InlineData("/xcap-root/resource-lists/users/sip:alice@example.com/..%2findex", "400")]
    [InlineData("/xcap-root/resource-lists/users/sip:alice@example.com/index%00.xml", "400")]
    [InlineData("/xcap-root/resource-lists/users/sip:alice@example.com/%c0%ae%c0%ae", "400")]
    [InlineData("/xcap-root/resource-lists/users/sip:alice@example.com/%252e%252e", "404")]
    [InlineData("/xcap-root/resource-lists/users/sip:alice@example.com//index", "404")]
    [InlineData("/health/../xcap-root/resource-lists/users/sip:alice@example.com/index", "404")]
    [InlineData("http://x/xcap-root/resource-lists/users/sip:alice@example.com/index", "200")]
    [InlineData("/xcap-root/resource-lists/users/sip:alice@example.com/index/~~/", "400")]
    [InlineData("/xcap-root/resource-lists/users/sip:alice@example.com/index/~~/resource-lists[", "400")]
    [InlineData("/xcap-root/resource-lists/users/sip:alice@example.com/index/~~/resource-lists/list[last()]", "400")]
    [InlineData("/xcap-root/resource-lists/users/sip:alice@example.com/index/~~/p:a", "400")]
    [InlineData("/xcap-root/resource-lists/users/sip:alice@example.com/index/~~/resource-lists", "200")]
    [InlineData("/xcap-root/resource-lists/users/sip:alice@example.com/index/%7E~/resource-lists", "200")]
    public async Task Tricks_with_the_path_lead_nowhere(string target, string status)
    {
        await using var host = await XcapHost.StartAsync();
        await host.PutAsync(XcapHost.ListPath, XcapHost.ListsType, XcapHost.Lists());

        Assert.Equal(status, await host.SendRawAsync("GET", target));
    }

    [Fact]
    public async Task Ten_megabytes_are_not_even_read()
    {
        await using var host = await XcapHost.StartAsync();

        var answer = await host.PutGroupAsync(XcapHost.Group(more: new(' ', 10_000_000)));

        Assert.Equal(413, answer.Code);
        Assert.Null(await host.StoredAsync(ApplicationUsage.Groups, XcapHost.Alice, "ski"));
    }

    [Fact]
    public async Task A_large_but_allowed_group_is_taken()
    {
        await using var host = await XcapHost.StartAsync();
        var members = string.Concat(
            Enumerable.Range(0, 19_000).Select(number => $"<entry uri=\"sip:u{number}@x.example\"/>"));

        Assert.Equal(201, (await host.PutGroupAsync(XcapHost.Group(list: members))).Code);
    }

    private static string With(string before, string after) =>
        XcapHost.Group().Replace(before, after, StringComparison.Ordinal);

    private static string Rules(string rules) => $"<cr:ruleset>{rules}</cr:ruleset>";

    private static string Rule(string id, string actions) =>
        $"<cr:rule id=\"{id}\"><cr:actions>{actions}</cr:actions></cr:rule>";

    private static string Deep(int depth) =>
        "<d:d xmlns:d=\"urn:d\">" + string.Concat(Enumerable.Repeat("<d:d>", depth))
        + string.Concat(Enumerable.Repeat("</d:d>", depth)) + "</d:d>";

    private static string Twice()
    {
        var group = XcapHost.Group();
        var start = group.IndexOf("<list-service", StringComparison.Ordinal);
        var end = group.IndexOf("</group>", StringComparison.Ordinal);
        return group[..end] + group[start..end] + "</group>";
    }
}
