using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace ImSidecar.EndToEnd.Tests.Harness;

/// <summary>A user with documents in the embedded XDMS, behind an aggregation proxy that vouches for him.</summary>
public sealed class XcapUser(HttpClient http, string address)
{
    private const string Root = "/xcap-root/";
    private const string Rules = "org.openmobilealliance.access-rules";
    private const string RulesName = "access-rules";

    public XcapUser(DemoProfile profile, string address)
        : this(profile.Http, address)
    {
    }

    public Task<HttpResponseMessage> PutAsync(string usage, string name, string type, string body) =>
        SendAsync(HttpMethod.Put, usage, name, new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue(type)));

    public Task<HttpResponseMessage> DeleteAsync(string usage, string name) =>
        SendAsync(HttpMethod.Delete, usage, name, null);

    public async Task PutGroupAsync(GroupXml group)
    {
        using var answer = await PutAsync(
            "org.openmobilealliance.groups", FileOf(group.Uri), "application/vnd.oma.poc.groups+xml", $"{group}");
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    public async Task PutListsAsync(string body)
    {
        using var answer = await PutAsync("resource-lists", "index", "application/resource-lists+xml", body);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>These are blocked from now on, and nobody else is.</summary>
    public Task BlockAsync(params string[] users) => PutListsAsync(
        "<resource-lists xmlns=\"urn:ietf:params:xml:ns:resource-lists\"><list name=\"oma_blockedcontacts\">"
        + string.Concat(users.Select(user => $"<entry uri=\"{user}\"/>")) + "</list></resource-lists>");

    /// <summary>Nobody is blocked any more, and there are no rules.</summary>
    public async Task ForgetAsync()
    {
        foreach (var (usage, name) in new[] { ("resource-lists", "index"), (Rules, RulesName) })
        {
            using var answer = await SendAsync(HttpMethod.Delete, usage, name, null);
            Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.NotFound, $"{answer}");
        }
    }

    public Task<HttpResponseMessage> PutRulesAsync(string body) =>
        PutAsync(Rules, RulesName, "application/auth-policy+xml", body);

    public async Task<string> GetListsAsync()
    {
        using var answer = await SendAsync(HttpMethod.Get, "resource-lists", "index", null);
        return await answer.Content.ReadAsStringAsync();
    }

    public async Task DeleteGroupAsync(string uri)
    {
        using var answer = await SendAsync(HttpMethod.Delete, "org.openmobilealliance.groups", FileOf(uri), null);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    /// <summary>How other documents refer to a list of his.</summary>
    public string AnchorOf(string list) =>
        $"{http.BaseAddress!.GetLeftPart(UriPartial.Authority)}{Root}resource-lists/users/{address}/index"
        + $"/~~/resource-lists/list%5b@name=%22{list}%22%5d";

    private static string FileOf(string group) => group.Split(':', '@')[1] + ".xml";

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string usage, string name, HttpContent? body)
    {
        using var request = new HttpRequestMessage(method, $"{Root}{usage}/users/{address}/{name}") { Content = body };
        request.Headers.TryAddWithoutValidation("X-3GPP-Asserted-Identity", $"\"{address}\"");
        return await http.SendAsync(request);
    }
}
