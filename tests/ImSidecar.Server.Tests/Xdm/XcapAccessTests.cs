using ImSidecar.Server.Xdm.Embedded;

namespace ImSidecar.Server.Tests.Xdm;

/// <summary>Who may do what: his own tree to each user, the global tree to read, all to administrators.</summary>
public sealed class XcapAccessTests
{
    private const string Root = "sip:root@example.com";
    private const string Reader = "sip:reader@example.com";
    private const string ByGroup = "org.openmobilealliance.groups/global/byGroupID/";

    [Fact]
    public async Task Another_users_tree_is_neither_read_nor_written()
    {
        await using var host = await XcapHost.StartAsync();
        var etag = (await host.PutGroupAsync(XcapHost.Group())).ETag;

        var get = await host.GetAsync(XcapHost.SkiPath, XcapHost.Bob);
        var missing = await host.GetAsync(XcapHost.SkiPath + "x", XcapHost.Bob);
        var put = await host.PutAsync(XcapHost.SkiPath, XcapHost.GroupsType, XcapHost.Group(more: " "), XcapHost.Bob);
        var node = await host.DeleteAsync(XcapHost.SkiPath + "/~~/group/list-service/list", XcapHost.Bob);
        var delete = await host.DeleteAsync(XcapHost.SkiPath, XcapHost.Bob);
        var directory = await host.GetAsync(
            "org.openmobilealliance.xcap-directory/users/sip:alice@example.com/directory.xml", XcapHost.Bob);

        Assert.All([get, missing, put, node, delete, directory], answer => Assert.Equal(403, answer.Code));
        Assert.Equal(etag, (await host.GetAsync(XcapHost.SkiPath)).ETag);
    }

    [Fact]
    public async Task An_administrator_writes_any_tree()
    {
        await using var host = await XcapHost.StartAsync(("Administrators:0", Root));

        var put = await host.PutAsync(XcapHost.SkiPath, XcapHost.GroupsType, XcapHost.Group(), Root);
        var get = await host.GetAsync(XcapHost.SkiPath, Root);
        var own = await host.GetAsync(XcapHost.SkiPath);
        var delete = await host.DeleteAsync(XcapHost.SkiPath, Root);

        Assert.Equal((201, 200, 200, 200), (put.Code, get.Code, own.Code, delete.Code));
    }

    [Theory]
    [InlineData(XcapHost.Alice, 200)]
    [InlineData(Root, 200)]
    [InlineData(Reader, 200)]
    [InlineData(XcapHost.Bob, 403)]
    [InlineData("sip:stranger@example.com", 403)]
    public async Task A_group_is_looked_up_by_its_owner_and_by_who_is_named(string user, int code)
    {
        await using var host = await XcapHost.StartAsync(("Administrators:0", Root), ("Readers:0", Reader));
        await host.PutGroupAsync(XcapHost.Group());

        Assert.Equal(code, (await host.GetAsync(ByGroup + XcapHost.Ski, user)).Code);
        var missing = await host.GetAsync(ByGroup + "sip:none@groups.example.com", user);
        Assert.Equal(user is Root or Reader ? 404 : 403, missing.Code);
    }

    [Theory]
    [InlineData(XcapHost.Bob, 200)]
    [InlineData("sip:stranger@example.com", 403)]
    public async Task Members_look_their_group_up_if_the_operator_lets_them(string user, int code)
    {
        await using var host = await XcapHost.StartAsync(("MembersMayRead", "true"));
        await host.PutGroupAsync(XcapHost.Group());

        Assert.Equal(code, (await host.GetAsync(ByGroup + XcapHost.Ski, user)).Code);
        Assert.Equal(403, (await host.GetAsync(XcapHost.SkiPath, user)).Code);
    }

    [Fact]
    public async Task A_lookup_finds_the_document_of_the_owner_by_any_spelling()
    {
        await using var host = await XcapHost.StartAsync();
        var etag = (await host.PutGroupAsync(XcapHost.Group("sip:Ski@GROUPS.example.com"))).ETag;

        var byId = await host.GetAsync(ByGroup + "sip%3ASki%40groups.example.com");
        var alias = await host.GetAsync("org.openmobilealliance.poc-groups/global/byGroup/sip:Ski@groups.example.com");
        var node = await host.GetAsync(ByGroup + "sip:Ski@groups.example.com/~~/group/list-service/@uri");

        Assert.Equal((200, etag), (byId.Code, byId.ETag));
        Assert.Equal((200, etag), (alias.Code, alias.ETag));
        Assert.Equal("sip:Ski@GROUPS.example.com", node.Body);
    }

    [Fact]
    public async Task A_group_URI_belongs_to_who_was_first()
    {
        await using var host = await XcapHost.StartAsync();
        await host.PutGroupAsync(XcapHost.Group());
        const string Path = "org.openmobilealliance.groups/users/sip:bob@example.com/mine";

        var taken = await host.PutAsync(
            Path, XcapHost.GroupsType, XcapHost.Group("sip:ski@Groups.Example.com"), XcapHost.Bob);
        var error = XcapErrors.Read(taken);

        Assert.Equal("uniqueness-failure", error.Name.LocalName);
        var exists = Assert.Single(error.Elements());
        Assert.Equal("group/list-service/@uri", exists.Attribute("field")!.Value);
        Assert.Contains("sip:ski-2@groups.example.com", exists.Elements().Select(each => each.Value));
        await host.DeleteAsync(XcapHost.SkiPath);
        Assert.Equal(201, (await host.PutAsync(Path, XcapHost.GroupsType, XcapHost.Group(), XcapHost.Bob)).Code);
    }

    [Fact]
    public async Task A_locked_profile_is_read_by_its_user_and_written_by_administrators()
    {
        await using var host = await XcapHost.StartAsync(("Administrators:0", Root));
        const string Path = "org.openmobilealliance.locked-user-profile/users/sip:alice@example.com/profile";
        const string Type = "application/vnd.oma.user-profile+xml";
        const string Body = "<user-profiles xmlns=\"urn:oma:xml:xdm:user-profile\"/>";

        Assert.Equal(403, (await host.PutAsync(Path, Type, Body)).Code);
        Assert.Equal(201, (await host.PutAsync(Path, Type, Body, Root)).Code);
        Assert.Equal(200, (await host.GetAsync(Path)).Code);
        Assert.Equal(403, (await host.DeleteAsync(Path)).Code);
    }

    [Fact]
    public async Task The_capabilities_name_every_usage()
    {
        await using var host = await XcapHost.StartAsync();

        var answer = await host.GetAsync("xcap-caps/global/index", "sip:stranger@example.com");

        Assert.Equal((200, "application/xcap-caps+xml"), (answer.Code, answer.Type));
        Assert.NotNull(answer.ETag);
        XcapErrors.Validate(answer.Body);
        Assert.All(XcapUsages.All, usage =>
            Assert.Contains($"<auid>{usage.Auid}</auid>", answer.Body, StringComparison.Ordinal));
        Assert.Contains("<namespace>urn:oma:xml:xdm:extensions</namespace>", answer.Body, StringComparison.Ordinal);
        Assert.Equal(404, (await host.GetAsync("xcap-caps/global/other")).Code);
        var first = await host.GetAsync("xcap-caps/global/index/~~/xcap-caps/auids/auid[1]");
        Assert.Equal($"<auid>{XcapUsages.All[0].Auid}</auid>", first.Body);
    }

    [Fact]
    public async Task The_directory_lists_what_the_user_has()
    {
        await using var host = await XcapHost.StartAsync();
        const string Path = "org.openmobilealliance.xcap-directory/users/sip:alice@example.com/directory.xml";
        var empty = await host.GetAsync(Path);
        var group = await host.PutGroupAsync(XcapHost.Group());
        await host.PutAsync(XcapHost.ListPath, XcapHost.ListsType, XcapHost.Lists());

        var answer = await host.GetAsync(Path);
        var folder = await host.GetAsync(Path + "/~~/xcap-directory/folder[@auid=%22resource-lists%22]");

        Assert.Equal((200, "application/vnd.oma.xcap-directory+xml"), (answer.Code, answer.Type));
        XcapErrors.Validate(empty.Body);
        XcapErrors.Validate(answer.Body);
        Assert.NotEqual(empty.ETag, answer.ETag);
        Assert.Contains(
            $"uri=\"http://127.0.0.1:8080/xcap-root/{XcapHost.SkiPath}\" etag=\"{group.ETag}\"", answer.Body,
            StringComparison.Ordinal);
        Assert.Contains(XcapHost.ListPath, folder.Body, StringComparison.Ordinal);
        Assert.DoesNotContain(XcapHost.SkiPath, folder.Body, StringComparison.Ordinal);
    }
}
