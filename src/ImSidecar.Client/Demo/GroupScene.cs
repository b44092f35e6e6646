using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using static ImSidecar.Client.Demo.HandsetProcess;
using static ImSidecar.Client.Demo.Stage;

namespace ImSidecar.Client.Demo;

/// <summary>The second scene: a pre-defined group does what its document says.</summary>
internal sealed class GroupScene(Stage stage)
{
    private const string Type = "application/vnd.oma.poc.groups+xml";

    public static int Planned => 9;

    private string Group => $"sip:skiers@{stage.Profile.GroupDomain}";

    private string Document =>
        $"/xcap-root/org.openmobilealliance.groups/users/{stage.Profile.UriOf("alice")}/skiers.xml";

    public async Task<bool> PlayAsync() =>
        await stage.StepAsync("alice puts the document of a group by XCAP: four members, three places", PutAsync)
        && await stage.StepAsync("alice opens the group, bob joins", JoinAsync)
        && await stage.StepAsync("dave is no member: 403, and the Warning says what decided", StrangerAsync, "dave")
        && await stage.StepAsync("alice adds carol by REFER, and hears how it went", AddAsync)
        && await stage.StepAsync("erin is a member, but the group is full: 486", FullAsync, "erin")
        && await stage.StepAsync("alice removes carol by REFER", RemoveAsync)
        && await stage.StepAsync("erin joins under an alias: alice sees no name", AliasAsync, "alice", "erin")
        && await stage.StepAsync("erin takes a nickname, and alice tells her alone", WhisperAsync, "alice", "bob", "erin")
        && await stage.StepAsync("alice deletes the document: the session is over", DeleteAsync);

    private async Task PutAsync()
    {
        var body = new StringContent(Xml(), Encoding.UTF8, new MediaTypeHeaderValue(Type));
        using var answer = await SendAsync(HttpMethod.Put, body);
        Expect(answer.IsSuccessStatusCode, $"PUT got {(int)answer.StatusCode}");
        stage.Remark($"PUT {Document}: {(int)answer.StatusCode} {answer.StatusCode}, ETag {answer.Headers.ETag}");
    }

    private async Task JoinAsync()
    {
        await stage.RegisterAsync("dave", "erin");
        foreach (var user in (string[])["alice", "bob"])
        {
            stage[user].Send($"invite {Group}");
            await stage.ConnectAsync(user, "answered");
        }
    }

    private async Task StrangerAsync()
    {
        var warning = await stage.RefusedAsync("dave", $"invite {Group}", "403");
        Expect(warning.Contains("join-handling", StringComparison.Ordinal), "the Warning does not name the action");
    }

    private async Task AddAsync()
    {
        stage["alice"].Send($"refer {stage.Profile.UriOf("carol")}");
        await stage.Wait("carol", "for the invitation", "incoming");
        stage["carol"].Send("accept");
        await stage.ConnectAsync("carol", "accepted");
        await ToldAsync("SIP/2.0 200");
    }

    private Task FullAsync() => stage.RefusedAsync("erin", $"invite {Group}", "486");

    private async Task RemoveAsync()
    {
        stage["alice"].Send($"expel {stage.Profile.UriOf("carol")}");
        await stage.EndedAsync("carol");
        await ToldAsync("SIP/2.0 200");
    }

    private async Task AliasAsync()
    {
        stage["alice"].Send("subscribe");
        stage["erin"].Send($"hide {Group}");
        await stage.ConnectAsync("erin", "answered");
        var seen = await stage["alice"].WaitAsync(
            "to see somebody anonymous",
            seen => Is(seen, "notify") && Roster(seen).Exists(user => user.EndsWith("invalid", StringComparison.Ordinal)),
            stage.Profile.NotifyPatience);
        var roster = Roster(seen);
        Expect(!roster.Contains(stage.Profile.UriOf("erin")), "alice sees erin's address");
        stage.Remark($"alice sees: {string.Join(", ", roster)}");
    }

    private async Task WhisperAsync()
    {
        stage["erin"].Send("nick Snowcat");
        Expect(Text(await stage.Wait("erin", "for the answer to NICKNAME", "nick"), "status") == "200", "no nickname");
        var seen = await stage["alice"].WaitAsync(
            "to see the nickname", seen => Is(seen, "notify") && Named(seen, "Snowcat") is not null,
            stage.Profile.NotifyPatience);
        var alias = Named(seen, "Snowcat")!;
        stage["alice"].Send($"whisper {alias} the key is under the mat");
        var sent = await stage.Wait("alice", "for the answer to SEND", "whispered");
        Expect(Text(sent, "status") == "200", $"SEND got {Text(sent, "status")}");
        var heard = await stage.Wait("erin", "to hear it", "message");
        Expect(Text(heard, "text") == "the key is under the mat", "erin hears something else");
        Expect(stage["bob"].Left(seen => Is(seen, "message")).Count == 0, "bob heard it too");
        stage.Remark($"alice sees Snowcat, {alias}; erin reads: {Text(heard, "text")}; bob reads nothing");
    }

    private static string? Named(JsonObject seen, string name) =>
        seen["roster"]?.AsArray().FirstOrDefault(each => $"{each?["name"]}" == name) is { } user
            ? $"{user["user"]}"
            : null;

    private static List<string> Roster(JsonObject seen) =>
        [.. seen["roster"]?.AsArray().Select(each => $"{each?["user"]}") ?? []];

    private async Task DeleteAsync()
    {
        using var answer = await SendAsync(HttpMethod.Delete, null);
        Expect(answer.IsSuccessStatusCode, $"DELETE got {(int)answer.StatusCode}");
        foreach (var user in (string[])["alice", "bob", "erin"])
            await stage.EndedAsync(user);
    }

    private async Task ToldAsync(string status)
    {
        var seen = await stage["alice"].WaitAsync(
            $"to be told {status}",
            seen => Is(seen, "referred") && Text(seen, "text").StartsWith(status, StringComparison.Ordinal),
            stage.Profile.Patience);
        stage.Remark($"alice is told: {Text(seen, "text")}");
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, HttpContent? body)
    {
        using var http = new HttpClient { BaseAddress = stage.Profile.Http };
        using var request = new HttpRequestMessage(method, Document) { Content = body };
        request.Headers.TryAddWithoutValidation("X-3GPP-Asserted-Identity", $"\"{stage.Profile.UriOf("alice")}\"");
        try
        {
            return await http.SendAsync(request);
        }
        catch (HttpRequestException error)
        {
            throw new SceneFailure($"{method} {Document}: {error.Message}");
        }
    }

    private string Xml()
    {
        const string mayJoin = "<join-handling>true</join-handling>"
            + "<allow-initiate-conference>true</allow-initiate-conference>"
            + "<allow-conference-state>true</allow-conference-state><allow-anonymity>true</allow-anonymity>";
        var members = string.Concat(((string[])["alice", "bob", "carol", "erin"])
            .Select(user => $"<entry uri=\"{stage.Profile.UriOf(user)}\"/>"));
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<group xmlns=\"urn:oma:xml:poc:list-service\""
            + " xmlns:cr=\"urn:ietf:params:xml:ns:common-policy\" xmlns:oxe=\"urn:oma:xml:xdm:extensions\">"
            + $"<list-service uri=\"{Group}\"><display-name>The skiers</display-name><list>{members}</list>"
            + "<invite-members>false</invite-members><max-participant-count>3</max-participant-count><cr:ruleset>"
            + "<cr:rule id=\"members\"><cr:conditions><is-list-member/></cr:conditions><cr:actions>"
            + mayJoin + "</cr:actions></cr:rule>"
            + "<cr:rule id=\"owner\"><cr:conditions><cr:identity><cr:one id=\"" + stage.Profile.UriOf("alice")
            + "\"/></cr:identity></cr:conditions><cr:actions>" + mayJoin
            + "<allow-invite-users-dynamically>true</allow-invite-users-dynamically>"
            + "<oxe:allow-expelling>true</oxe:allow-expelling></cr:actions></cr:rule>"
            + "</cr:ruleset></list-service></group>\n";
    }
}
