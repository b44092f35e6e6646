using System.Net;
using System.Text;

namespace ImSidecar.Benchmarks.Xdm;

/// <summary>
/// XCAP requests per second of the running sidecar, beside /health/live of the same Kestrel: what HTTP alone costs.
/// </summary>
internal static class XcapBench
{
    private const int Clients = 32;
    private const int Rounds = 4;
    private const int Members = 100;
    private const string GroupsType = "application/vnd.oma.poc.groups+xml";
    private const string ElementType = "application/xcap-el+xml";

    private static readonly Uri _server = new("http://127.0.0.1:8080/");

    private static int _version;

    public static async Task<bool> RunAsync(TimeSpan each)
    {
        using var handler = new SocketsHttpHandler { MaxConnectionsPerServer = Clients, UseProxy = false };
        using var http = new HttpClient(handler) { BaseAddress = _server };
        var etags = await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => PutGroupAsync(http, client)));
        Load[] loads =
        [
            new("GET /health/live", _ => new(HttpMethod.Get, "health/live")),
            new("GET group of 100", client => Get(client, "")),
            new("GET, not modified", client => Conditional(client, etags[client]))
            {
                Expected = HttpStatusCode.NotModified,
            },
            new("GET one member", client => Get(client, "/~~/group/list-service/list/entry[50]")),
            new("GET by group URI", LookUp),
            new("PUT group of 100", client => PutGroup(client, Interlocked.Increment(ref _version))),
            new("PUT one value", PutCount),
        ];
        foreach (var load in loads)
            await load.RunAsync(http, Clients, each / 4);
        foreach (var load in loads)
            load.Forget();
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var load in loads)
                await load.RunAsync(http, Clients, each / Rounds);
        }

        Console.WriteLine($"XCAP, {Clients} clients                /s   median ms   of /health/live");
        foreach (var load in loads)
            load.Write(loads[0]);
        return loads.All(load => load.Done > 0 && load.Failed == 0);
    }

    private static async Task<string> PutGroupAsync(HttpClient http, int client)
    {
        using var request = PutGroup(client, version: 0);
        using var answer = await http.SendAsync(request);
        return answer.EnsureSuccessStatusCode().Headers.ETag!.Tag;
    }

    private static HttpRequestMessage Get(int client, string node) =>
        As(client, new(HttpMethod.Get, StillPath(client) + node));

    private static HttpRequestMessage LookUp(int client) => As(client, new(
        HttpMethod.Get,
        $"xcap-root/org.openmobilealliance.groups/global/byGroupID/sip:bench{client}-still@groups.example.com"));

    private static HttpRequestMessage Conditional(int client, string etag)
    {
        var request = As(client, new(HttpMethod.Get, StillPath(client)));
        request.Headers.TryAddWithoutValidation("If-None-Match", etag);
        return request;
    }

    private static HttpRequestMessage PutGroup(int client, int version)
    {
        var path = version == 0 ? StillPath(client) : Path(client);
        var request = As(client, new(HttpMethod.Put, path));
        request.Content = Content(Group(client, version), GroupsType);
        return request;
    }

    private static HttpRequestMessage PutCount(int client)
    {
        var request = As(client, new(HttpMethod.Put, Path(client) + "/~~/group/list-service/max-participant-count"));
        var count = Interlocked.Increment(ref _version);
        request.Content = Content($"<max-participant-count>{count}</max-participant-count>", ElementType);
        return request;
    }

    private static string Path(int client) =>
        $"xcap-root/org.openmobilealliance.groups/users/sip:bench{client}@example.com/bench";

    // Not written any more once it is there.
    private static string StillPath(int client) => Path(client) + "-still";

    private static HttpRequestMessage As(int client, HttpRequestMessage request)
    {
        request.Headers.TryAddWithoutValidation("X-3GPP-Asserted-Identity", $"\"sip:bench{client}@example.com\"");
        return request;
    }

    private static StringContent Content(string text, string type) =>
        new(text, Encoding.UTF8) { Headers = { ContentType = new(type) } };

    private static string Group(int client, int version)
    {
        var text = new StringBuilder("<group xmlns='urn:oma:xml:poc:list-service'>")
            .Append($"<list-service uri='sip:bench{client}{(version == 0 ? "-still" : "")}@groups.example.com'><list>");
        for (var member = 0; member < Members; member++)
            text.Append($"<entry uri='sip:member{member}@example.com'/>");
        return text.Append($"</list><max-participant-count>{version}</max-participant-count></list-service></group>")
            .ToString();
    }
}
