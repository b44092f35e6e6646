using System.Xml.Linq;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Xdm;

/// <summary>The XDMS of the running sidecar, with curl as its client.</summary>
public sealed class XcapTests(DemoProfile profile) : Flow(profile)
{
    private const string Root = "http://127.0.0.1:8080/xcap-root/";
    private const string Ski = Root + "org.openmobilealliance.groups/users/sip:alice@example.com/ski";
    private const string Lookup = Root + "org.openmobilealliance.groups/global/byGroupID/sip:ski@groups.example.com";
    private const string Lists = Root + "resource-lists/users/sip:alice@example.com/index";
    private const string GroupsType = "application/vnd.oma.poc.groups+xml";
    private const string ListsType = "application/resource-lists+xml";
    private const string ElementType = "application/xcap-el+xml";
    private const string Bomb = """
        <!DOCTYPE group [<!ENTITY a "haha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;">]>
        <group xmlns="urn:oma:xml:poc:list-service"><list-service uri="sip:ski@groups.example.com">
        <display-name>&d;</display-name></list-service></group>
        """;

    public static TheoryData<string, string> BadGroups => new()
    {
        { Group()[..^2], "not-well-formed" },
        { Bomb, "not-well-formed" },
        { Bomb.Replace("\"haha\"", "SYSTEM \"file:///etc/passwd\"", StringComparison.Ordinal), "not-well-formed" },
        { "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>" + Group(), "not-utf-8" },
        { Group().Replace("poc:list-service", "other", StringComparison.Ordinal), "schema-validation-error" },
        { Group("<invite-members>true</invite-members>"), "schema-validation-error" },
        { Group("<rl:x/>", count: "many"), "schema-validation-error" },
        { Group(entry: "sip:bob@EXAMPLE.com"), "uniqueness-failure" },
        { Group(uri: "sip:taken@groups.example.com"), "uniqueness-failure" },
        { Group(uri: "sip:ski@elsewhere.example.com"), "extension" },
    };

    protected override IReadOnlyList<string> Settings => ["--XcapServer:DigestFile=" + XcapUsers.Sha256];

    [Fact]
    public async Task A_group_is_put_read_changed_and_deleted()
    {
        await ForgetAsync();
        var created = await Curl.PutAsync(Ski, "alice", GroupsType, Group());
        var read = await Curl.GetAsync(Ski, "alice");
        var cached = await Curl.GetAsync(Ski, "alice", "-H", "If-None-Match: " + created.ETag);
        var found = await Curl.GetAsync(Lookup, "alice");
        var member = Ski + "/~~/group/list-service/list/entry[@uri=%22sip:carol@example.net%22]";
        var added = await Curl.PutAsync(member, "alice", ElementType, "<entry uri=\"sip:carol@example.net\"/>");
        var late = await Curl.PutAsync(Ski, "alice", GroupsType, Group(), "-H", "If-Match: " + created.ETag);
        var count = await Curl.GetAsync(Ski + "/~~/group/list-service/max-participant-count", "alice");
        var attribute = await Curl.GetAsync(Ski + "/~~/group/list-service/@uri", "alice");
        var removed = await Curl.DeleteAsync(member, "alice");
        var after = await Curl.GetAsync(Ski, "alice");
        var deleted = await Curl.DeleteAsync(Ski, "alice");
        var gone = await Curl.GetAsync(Lookup, "alice");

        Assert.Equal((201, 200, 304, 200), (created.Status, read.Status, cached.Status, found.Status));
        Assert.Equal((Group(), GroupsType, created.ETag), (read.Body, read.Header("Content-Type"), read.ETag));
        Assert.Equal((created.ETag, Group()), (found.ETag, found.Body));
        Assert.Equal((201, 412), (added.Status, late.Status));
        Assert.Equal("<max-participant-count>10</max-participant-count>", count.Body);
        Assert.Equal("sip:ski@groups.example.com", attribute.Body);
        Assert.Equal((200, Group()), (removed.Status, after.Body));
        Assert.Equal((200, 403), (deleted.Status, gone.Status));
    }

    [Theory]
    [MemberData(nameof(BadGroups))]
    public async Task A_bad_group_is_refused_with_its_error_and_the_store_stays_as_it_was(string body, string error)
    {
        var taken = Group(uri: "sip:taken@groups.example.com");
        await Curl.PutAsync(Ski.Replace("alice", "bob", StringComparison.Ordinal), "bob", GroupsType, taken);
        await Curl.PutAsync(Ski, "alice", GroupsType, Group());
        var before = await DirectoryAsync();

        var answer = await Curl.PutAsync(Ski, "alice", GroupsType, body);

        Assert.Equal((409, "application/xcap-error+xml"), (answer.Status, answer.Header("Content-Type")));
        Assert.Equal(error, XElement.Parse(answer.Body).Elements().Single().Name.LocalName);
        Assert.DoesNotContain("root:", answer.Body, StringComparison.Ordinal);
        Assert.Equal(before, await DirectoryAsync());
    }

    [Theory]
    [InlineData(404, "unknown-usage/users/sip:alice@example.com/index")]
    [InlineData(404, "resource-lists/users/sip:alice@example.com")]
    [InlineData(403, "resource-lists/users/sip:bob@example.com/index")]
    [InlineData(403, "org.openmobilealliance.groups/users/sip:bob@example.com/ski")]
    [InlineData(405, "xcap-caps/global/index")]
    [InlineData(405, "org.openmobilealliance.groups/global/byGroupID/sip:ski@groups.example.com")]
    [InlineData(400, "resource-lists/users/sip:bob@example.com/../sip:alice@example.com/index")]
    [InlineData(400, "resource-lists/users/sip:bob@example.com/%2e%2e/sip:alice@example.com/index")]
    [InlineData(400, "resource-lists/users/sip:alice@example.com/..%2F..%2Findex")]
    [InlineData(400, "resource-lists/users/sip:alice@example.com/index%00")]
    [InlineData(400, "resource-lists/users/sip:alice@example.com/%C0%AE%C0%AE/index")]
    [InlineData(404, "resource-lists/users//index")]
    [InlineData(403, "resource-lists/users/sip%253Aalice@example.com/index")]
    [InlineData(400, "resource-lists/users/sip:alice@example.com/index/~~/resource-lists/list[")]
    [InlineData(400, "resource-lists/users/sip:alice@example.com/index/~~/resource-lists/p:list")]
    [InlineData(400, "resource-lists/users/sip:alice@example.com/index/~~/resource-lists/list[@name=%22x]")]
    public async Task A_bad_path_is_refused_and_nothing_is_stored(int status, string path)
    {
        var before = await DirectoryAsync();

        var put = await Curl.PutAsync(Root + path, "alice", ListsType, List());
        var delete = await Curl.DeleteAsync(Root + path, "alice");

        Assert.Equal((status, status), (put.Status, delete.Status));
        Assert.Equal(before, await DirectoryAsync());
    }

    [Fact]
    public async Task Ten_megabytes_are_refused()
    {
        var answer = await Curl.PutAsync(Ski, "alice", GroupsType, Group(new string(' ', 10_000_000)));

        Assert.Equal(413, answer.Status);
    }

    [Fact]
    public async Task Nobody_without_a_name_gets_in()
    {
        var get = await Curl.GetAsync(Lists, "");
        var caps = await Curl.GetAsync(Root + "xcap-caps/global/index", "");
        var intended = await Curl.GetAsync(Lists, "", "-H", "X-3GPP-Intended-Identity: \"sip:alice@example.com\"");

        Assert.All([get, caps, intended], answer => Assert.Equal(401, answer.Status));
        Assert.StartsWith("Digest realm=\"example.com\"", get.Header("WWW-Authenticate"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_two_writers_with_one_ETag_one_wins()
    {
        var etag = (await Curl.PutAsync(Lists, "alice", ListsType, List("<list name=\"none\"/>"))).ETag;

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Curl.PutAsync(
            Lists, "alice", ListsType, List($"<list name=\"w{writer}\"/>"), "-H", "If-Match: " + etag)));

        Assert.Single(answers, answer => answer.Status == 200);
        Assert.Equal(7, answers.Count(answer => answer.Status == 412));
    }

    [Fact]
    public async Task What_was_answered_is_there_after_kill_9()
    {
        for (var round = 0; round < 3; round++)
        {
            var put = await Curl.PutAsync(Lists, "alice", ListsType, List($"<list name=\"round{round}\"/>"));
            await Profile.KillSidecarAsync();
            await Profile.StartSidecarAsync();

            var read = await Curl.GetAsync(Lists, "alice");
            Assert.Equal((put.ETag, List($"<list name=\"round{round}\"/>")), (read.ETag, read.Body));
        }
    }

    [Fact]
    public async Task Whatever_was_answered_is_there_when_the_sidecar_dies_among_many_writes()
    {
        var answered = new int[60];
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var dying = KillSoonAsync(begun.Task);
        using var client = new HttpClient { BaseAddress = new(Root) };
        await Task.WhenAll(Enumerable.Range(0, answered.Length).Select(async number =>
        {
            for (var version = 1; !dying.IsCompleted && await TryPutAsync(client, number, version); version++)
            {
                answered[number] = version;
                begun.TrySetResult();
            }
        }));
        await dying;
        await Profile.StartSidecarAsync();

        Assert.Contains(answered, version => version > 0);
        foreach (var (number, version) in answered.Index().Where(each => each.Item > 0))
        {
            var read = await Curl.GetAsync(ManyOf(number), "many" + number);
            Assert.Equal(200, read.Status);
            Assert.InRange(VersionIn(read.Body), version, version + 1);
        }
    }

    private async Task KillSoonAsync(Task begun)
    {
        await Within(begun);
        await Task.Delay(250, TestContext.Current.CancellationToken);
        await Profile.KillSidecarAsync();
    }

    private static async Task<bool> TryPutAsync(HttpClient client, int number, int version)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, ManyOf(number));
        request.Headers.Add("X-3GPP-Asserted-Identity", $"\"sip:many{number}@example.com\"");
        request.Content = new StringContent(List($"<list name=\"{version}\"/>"));
        request.Content.Headers.ContentType = new(ListsType);
        try
        {
            using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static int VersionIn(string body) => (int)XElement.Parse(body).Elements().Single().Attribute("name")!;

    private static string ManyOf(int number) => Root + $"resource-lists/users/sip:many{number}@example.com/index";

    private static async Task<string> DirectoryAsync() => (await Curl.GetAsync(
        Root + "org.openmobilealliance.xcap-directory/users/sip:alice@example.com/directory.xml", "alice")).Body;

    private static async Task ForgetAsync()
    {
        await Curl.DeleteAsync(Ski, "alice");
        await Curl.DeleteAsync(Ski.Replace("alice", "bob", StringComparison.Ordinal), "bob");
    }

    private static string List(string content = "") =>
        $"""<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists">{content}</resource-lists>""";

    private static string Group(
        string more = "", string uri = "sip:ski@groups.example.com", string count = "10",
        string entry = "sip:alice@example.com") =>
        $"""
        <group xmlns="urn:oma:xml:poc:list-service" xmlns:rl="urn:ietf:params:xml:ns:resource-lists">
          <list-service uri="{uri}">
            <list><entry uri="sip:bob@example.com"/><entry uri="{entry}"/></list>
            <max-participant-count>{count}</max-participant-count>{more}
          </list-service>
        </group>
        """;
}
