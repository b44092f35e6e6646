namespace ImSidecar.Server.Tests.Xdm;

/// <summary>Elements, attributes and namespaces by node selector, RFC 4825 7.4 to 7.10.</summary>
public sealed class XcapNodeTests
{
    private const string ElementType = "application/xcap-el+xml";
    private const string AttributeType = "application/xcap-att+xml";
    private const string Service = XcapHost.SkiPath + "/~~/group/list-service";
    private const string Entry = Service + "/list/entry[@uri=%22sip:carol@example.net%22]";
    private const string Count = Service + "/max-participant-count";
    private const string Home =
        "http://127.0.0.1:8080/xcap-root/org.openmobilealliance.groups/users/sip:alice@example.com/";

    [Fact]
    public async Task A_member_is_added_read_changed_and_removed()
    {
        await using var host = await XcapHost.StartAsync();
        var before = await host.PutGroupAsync(XcapHost.Group());

        var added = await host.PutAsync(Entry, ElementType, "<entry uri=\"sip:carol@example.net\"/>");
        var read = await host.GetAsync(Entry);
        var changed = await host.PutAsync(
            Entry, ElementType,
            "<entry uri=\"sip:carol@example.net\"><rl:display-name>Carol</rl:display-name></entry>");
        var document = await host.GetAsync(XcapHost.SkiPath);
        var removed = await host.DeleteAsync(Entry);

        Assert.Equal(201, added.Code);
        Assert.NotEqual(before.ETag, added.ETag);
        Assert.Equal((200, ElementType, added.ETag), (read.Code, read.Type, read.ETag));
        Assert.Equal("<entry uri=\"sip:carol@example.net\"/>", read.Body);
        Assert.Equal((200, document.ETag), (changed.Code, changed.ETag));
        Assert.Contains("Carol</rl:display-name></entry></list>", document.Body, StringComparison.Ordinal);
        Assert.Equal(200, removed.Code);
        Assert.NotNull(removed.ETag);
        Assert.Equal(XcapHost.Group(), (await host.GetAsync(XcapHost.SkiPath)).Body);
        Assert.Equal(404, (await host.GetAsync(Entry)).Code);
        Assert.Equal(404, (await host.DeleteAsync(Entry)).Code);
    }

    [Fact]
    public async Task An_element_goes_where_the_schema_has_its_place()
    {
        await using var host = await XcapHost.StartAsync();
        await host.PutGroupAsync(XcapHost.Group());

        var answer = await host.PutAsync(
            Service + "/invite-members", ElementType,
            "<invite-members>true</invite-members>");

        Assert.Equal(201, answer.Code);
        Assert.Contains(
            "</list><invite-members>true</invite-members>", (await host.GetAsync(XcapHost.SkiPath)).Body,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_attribute_is_read_set_and_deleted()
    {
        await using var host = await XcapHost.StartAsync();
        await host.PutAsync(XcapHost.ListPath, XcapHost.ListsType, XcapHost.Lists("<list name='a&amp;b'/>"));
        var name = XcapHost.ListPath + "/~~/resource-lists/list/@name";

        var read = await host.GetAsync(name);
        var set = await host.PutAsync(name, AttributeType, "friends &amp; &quot;foes&quot;");
        var deleted = await host.DeleteAsync(name);
        var created = await host.PutAsync(name, AttributeType, "x");

        Assert.Equal((200, AttributeType, "a&amp;b"), (read.Code, read.Type, read.Body));
        Assert.Equal(200, set.Code);
        Assert.Equal(200, deleted.Code);
        Assert.Equal(201, created.Code);
        Assert.Equal(XcapHost.Lists("<list name=\"x\"/>"), (await host.GetAsync(XcapHost.ListPath)).Body);
    }

    [Fact]
    public async Task Other_namespaces_are_bound_in_the_query()
    {
        await using var host = await XcapHost.StartAsync();
        await host.PutGroupAsync(XcapHost.Group(more:
            """
            <cr:ruleset><cr:rule id="r"><cr:actions><join-handling>true</join-handling></cr:actions></cr:rule>
            </cr:ruleset>
            """));
        const string Query = "?xmlns(p=urn:ietf:params:xml:ns:common-policy)";
        const string Action = Service + "/p:ruleset/p:rule%5b@id=%22r%22%5d/p:actions/join-handling";

        var read = await host.GetAsync(Action + Query);
        var put = await host.PutAsync(Action + Query, ElementType, "<join-handling>false</join-handling>");
        var again = await host.GetAsync(Action + Query);

        Assert.Equal("<join-handling>true</join-handling>", read.Body);
        Assert.Equal(200, put.Code);
        Assert.Equal("<join-handling>false</join-handling>", again.Body);
        Assert.Equal(400, (await host.GetAsync(Action)).Code);
        Assert.Equal(404, (await host.GetAsync(Action + "?xmlns(p=urn:other)")).Code);
    }

    [Fact]
    public async Task The_namespaces_of_an_element_are_told()
    {
        await using var host = await XcapHost.StartAsync();
        await host.PutGroupAsync(XcapHost.Group());

        var answer = await host.GetAsync(Service + "/namespace::*");

        Assert.Equal((200, "application/xcap-ns+xml"), (answer.Code, answer.Type));
        Assert.Equal(
            "<list-service xmlns=\"urn:oma:xml:poc:list-service\" xmlns:cr=\"urn:ietf:params:xml:ns:common-policy\" "
            + "xmlns:rl=\"urn:ietf:params:xml:ns:resource-lists\" xmlns:x=\"urn:oma:xml:xdm:extensions\" />",
            answer.Body);
    }

    [Fact]
    public async Task A_condition_on_a_node_is_about_its_document_or_about_its_being_there()
    {
        await using var host = await XcapHost.StartAsync();
        var etag = (await host.PutGroupAsync(XcapHost.Group())).ETag;
        const string Body = "<entry uri=\"sip:carol@example.net\"/>";

        Task<Answer> PutAsync(string header, string value) =>
            host.PutAsync(Entry, ElementType, Body, XcapHost.Alice, (header, value));

        Assert.Equal(412, (await PutAsync("If-Match", "*")).Code);
        Assert.Equal(412, (await PutAsync("If-Match", "\"other\"")).Code);
        Assert.Equal(412, (await PutAsync("If-None-Match", $"\"{etag}\"")).Code);
        Assert.Equal(201, (await PutAsync("If-Match", $"\"{etag}\"")).Code);
        Assert.Equal(412, (await PutAsync("If-None-Match", "*")).Code);
        var deleted = await host.DeleteAsync(Entry, XcapHost.Alice, ("If-Match", $"\"{etag}\""));
        Assert.Equal(412, deleted.Code);
        Assert.Equal(304, (await host.GetAsync(Entry, XcapHost.Alice, ("If-None-Match", "*"))).Code);
    }

    [Fact]
    public async Task Two_who_change_different_members_both_succeed()
    {
        await using var host = await XcapHost.StartAsync();
        await host.PutGroupAsync(XcapHost.Group());

        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(number => host.PutAsync(
            XcapHost.SkiPath + $"/~~/group/list-service/list/entry[@uri=%22sip:u{number}@x%22]", ElementType,
            $"<entry uri=\"sip:u{number}@x\"/>")));

        Assert.All(answers, answer => Assert.Equal(201, answer.Code));
        var body = (await host.GetAsync(XcapHost.SkiPath)).Body;
        Assert.All(
            Enumerable.Range(0, 40), number => Assert.Contains($"sip:u{number}@x", body, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(ElementType, "<entry uri='sip:x@y'/>", "cannot-insert")]
    [InlineData(ElementType, "<entry uri='sip:carol@example.net'/", "not-xml-frag")]
    [InlineData(ElementType, "<q:entry uri='sip:carol@example.net'/>", "not-xml-frag")]
    [InlineData(ElementType, "<entry uri='sip:carol@example.net'><rl:wrong/></entry>", "schema-validation-error")]
    public async Task An_element_that_cannot_be_put_is_refused_by_name(string type, string body, string error)
    {
        await using var host = await XcapHost.StartAsync();
        var etag = (await host.PutGroupAsync(XcapHost.Group())).ETag;

        var answer = await host.PutAsync(Entry, type, body);

        Assert.Equal(error, answer.Error);
        Assert.Equal(etag, (await host.GetAsync(XcapHost.SkiPath)).ETag);
    }

    [Fact]
    public async Task Without_a_parent_the_closest_ancestor_is_named()
    {
        await using var host = await XcapHost.StartAsync();
        var query = "?xmlns(p=urn:ietf:params:xml:ns:common-policy)";

        var noDocument = await host.PutAsync(Entry, ElementType, "<entry uri='sip:x@y'/>");
        await host.PutGroupAsync(XcapHost.Group());
        var noRules = await host.PutAsync(Service + "/p:ruleset/p:rule" + query, ElementType, "<cr:rule id='x'/>");
        var noFolder = await host.PutAsync(XcapHost.SkiPath + "/x", XcapHost.GroupsType, XcapHost.Group());

        Assert.Equal(Home, Ancestor(noDocument));
        Assert.Equal("http://127.0.0.1:8080/xcap-root/" + Service + query, Ancestor(noRules));
        Assert.Equal(Home, Ancestor(noFolder));

        static string Ancestor(Answer answer)
        {
            var error = XcapErrors.Read(answer);
            Assert.Equal("no-parent", error.Name.LocalName);
            return error.Value;
        }
    }

    [Fact]
    public async Task What_would_come_back_is_not_deleted()
    {
        await using var host = await XcapHost.StartAsync();
        await host.PutGroupAsync(XcapHost.Group());

        var answer = await host.DeleteAsync(Service + "/list/entry[1]");

        Assert.Equal("cannot-delete", answer.Error);
    }

    [Fact]
    public async Task A_deletion_that_leaves_an_invalid_document_is_refused()
    {
        await using var host = await XcapHost.StartAsync();
        await host.PutGroupAsync(XcapHost.Group());

        Assert.Equal(
            "schema-validation-error", (await host.DeleteAsync(Service)).Error);
        Assert.Equal(
            "schema-validation-error", (await host.DeleteAsync(Service + "/@uri")).Error);
        Assert.Equal("schema-validation-error", (await host.DeleteAsync(XcapHost.SkiPath + "/~~/group")).Error);
        Assert.Equal(200, (await host.DeleteAsync(Count)).Code);
    }

    [Theory]
    [InlineData("/~~/group/list-service", "application/vnd.oma.poc.groups+xml")]
    [InlineData("/~~/group/list-service/@uri", ElementType)]
    [InlineData("/~~/group/list-service", AttributeType)]
    public async Task A_node_has_a_content_type_of_its_own(string node, string type)
    {
        await using var host = await XcapHost.StartAsync();
        await host.PutGroupAsync(XcapHost.Group());

        Assert.Equal(415, (await host.PutAsync(XcapHost.SkiPath + node, type, "x")).Code);
    }

    [Fact]
    public async Task A_document_that_grows_too_large_by_its_parts_is_refused()
    {
        await using var host = await XcapHost.StartAsync(("MaxDocumentBytes", "700"));
        await host.PutGroupAsync(XcapHost.Group());

        var answer = await host.PutAsync(
            Entry, ElementType,
            $"<entry uri=\"sip:carol@example.net\"><rl:display-name>{new string('c', 500)}</rl:display-name></entry>");

        Assert.Equal(413, answer.Code);
    }
}
