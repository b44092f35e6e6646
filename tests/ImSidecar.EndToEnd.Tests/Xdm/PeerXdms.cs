using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ImSidecar.EndToEnd.Tests.Harness;

namespace ImSidecar.EndToEnd.Tests.Xdm;

/// <summary>Another operator's XDMS: a second Kamailio and a second sidecar, on ports of their own.</summary>
internal sealed class PeerXdms : IAsyncDisposable
{
    public const string Root = "http://127.0.0.1:8081/xcap-root/";
    public const string Address = "sip:xdms@im.example.net";

    private const string Domain = "im.example.net";
    // A NOTIFY that was lost is missed after 40 s.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("imsidecar-peer.").FullName;
    private readonly HttpClient _http = new() { BaseAddress = new("http://127.0.0.1:8081"), Timeout = _patience };
    private readonly OwnedProcess _sidecar;
    private readonly OwnedProcess _kamailio;

    private PeerXdms()
    {
        var socket = Path.Combine(_folder, "gateway.sock");
        _sidecar = OwnedProcess.Start(
            "sidecar", _folder, "dotnet", Built.Sidecar, "--config", Built.SidecarConfiguration,
            $"--Store:Path={Path.Combine(_folder, "imsidecar.db")}", $"--Gateway:Socket={socket}",
            $"--Admin:Socket={Path.Combine(_folder, "admin.sock")}",
            "--Gateway:NextHop=sip:127.0.0.1:5090;transport=tcp", "--Http:Listen=127.0.0.1:8081",
            "--Msrp:Listen=127.0.0.1:2856", $"--Controlling:ConferenceFactory=sip:conf-factory@{Domain}",
            "--Controlling:NotifyInterval=00:00:00.5", $"--XcapServer:Root={Root}",
            "--XcapServer:Readers:0=sip:conf-factory@im.example.com");
        _kamailio = OwnedProcess.Start(
            "kamailio", _folder, "kamailio", "-DD", "-E", "-m", "64", "-M", "16", "-Y", _folder,
            "-f", Built.KamailioConfiguration, "-A", $"IM_MODULE=\"{Built.Module}\"",
            "-A", $"IM_TARGET=\"unix:{socket}\"", "-A", "IM_INSTANCE=\"peer\"",
            "-A", $"IM_DOMAINS=\"{Domain},groups.example.com\"", "-A", "HANDSET_PORT=5080", "-A", "CORE_PORT=5090",
            "-A", "CORE_SOCKET=\"tcp:127.0.0.1:5090\"",
            "-A", "CORE_PEER=127.0.0.1:5070", "-A", "CORE_PEER_DOMAIN=im.example.com");
    }

    /// <summary>What the Kamailio of the demo profile has to know of it.</summary>
    public static IReadOnlyList<string> KnownAs =>
        ["-A", "CORE_PEER=127.0.0.1:5090", "-A", "CORE_PEER_DOMAIN=" + Domain];

    public static async Task<PeerXdms> StartAsync()
    {
        var peer = new PeerXdms();
        await peer.UntilAsync(async () => (await peer.HealthAsync()).GetProperty("status").GetString() == "ready");
        return peer;
    }

    public async Task PutGroupAsync(GroupXml group, string owner)
    {
        var name = group.Uri.Split(':', '@')[1];
        using var request = new HttpRequestMessage(
            HttpMethod.Put, $"/xcap-root/org.openmobilealliance.groups/users/{owner}/{name}")
        {
            Content = new StringContent(
                $"{group}", Encoding.UTF8, new MediaTypeHeaderValue("application/vnd.oma.poc.groups+xml")),
        };
        request.Headers.TryAddWithoutValidation("X-3GPP-Asserted-Identity", $"\"{owner}\"");
        using var answer = await _http.SendAsync(request);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Waits until so many subscribe to documents here.</summary>
    public Task SubscribedByAsync(int subscribers) => UntilAsync(async () =>
        (await HealthAsync()).GetProperty("documentSubscriptions").GetInt32() == subscribers);

    public IEnumerable<string> Failures() => [.. _sidecar.Failures(), .. _kamailio.Failures()];

    public async ValueTask DisposeAsync()
    {
        await _sidecar.DisposeAsync();
        await _kamailio.DisposeAsync();
        _http.Dispose();
        if (TestContext.Current.TestState?.Result == TestResult.Failed)
            TestContext.Current.TestOutputHelper?.WriteLine("the logs of the peer are in " + _folder);
        else
            Directory.Delete(_folder, recursive: true);
    }

    private async Task<JsonElement> HealthAsync()
    {
        try
        {
            using var answer = await _http.GetAsync("/health/ready");
            return JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        }
        catch (HttpRequestException)
        {
            return JsonDocument.Parse("{\"status\":\"away\",\"documentSubscriptions\":-1}").RootElement;
        }
    }

    private async Task UntilAsync(Func<Task<bool>> isSo)
    {
        for (var limit = Stopwatch.StartNew(); !await isSo(); await Task.Delay(50))
        {
            _sidecar.ThrowIfExited();
            _kamailio.ThrowIfExited();
            Assert.True(
                limit.Elapsed < _patience, $"{_sidecar.LastError()} {_kamailio.LastError()} {await HealthAsync()}");
        }
    }
}
