using ImSidecar.Core.Policies;
using ImSidecar.Core.Rules;
using ImSidecar.Protocol.Xdm;
using ImSidecar.Server.Xdm;
using ImSidecar.Server.Xdm.Remote;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImSidecar.Benchmarks.Xdm;

/// <summary>
/// What a cold cache costs: group documents of a remote XDMS from memory and by GET, beside the GET alone; and what one
/// costs that cannot be had, while the XDMS is down.
/// </summary>
internal static class CacheBench
{
    private const int Members = 10;

    // A GET over loopback is far more than a look-up, on any machine.
    private const double LeastRatio = 10;

    private static readonly Requester _member = BenchGroup.Requesters(Members)[0];

    public static async Task<bool> RunAsync(TimeSpan each)
    {
        var body = BenchGroup.Document(Members);
        await using var xdms = await StartXdmsAsync(body);
        var root = xdms.Urls.First() + "/xcap-root/";
        using var cold = new Reader(root);
        using var verdicts = new Reader(root);
        using var warm = new Reader(root);
        using var down = new Reader("http://127.0.0.1:9/xcap-root/");
        using var plain = new HttpClient();

        var get = new Pace(
            "GET by HttpClient alone", i => plain.GetByteArrayAsync(root + Path(i)).GetAwaiter().GetResult());
        var read = new Pace("cold: read by GET", i => cold.Read(i));
        var decide = new Pace("cold: GET, resolve, verdict", i => Decide(verdicts.Read(i)!.Content));
        var known = new Pace("warm: read from memory", _ => warm.Read(0));
        var refused = new Pace("the XDMS is down: refused", down.Refuse);
        Pace.Compare(each, get, read, decide, known, refused);
        foreach (var pace in (Pace[])[get, read, decide, known, refused])
            Console.WriteLine(
                $"{pace.Name,-40} {pace.PerSecond,12:0}/s {get.PerSecond / pace.PerSecond,9:0.0000} GETs");
        var ratio = known.PerSecond / read.PerSecond;
        Console.WriteLine($"a document of {body.Length} bytes is read {ratio:0} times as fast from memory as by GET");
        return ratio >= LeastRatio && refused.Done > 0;
    }

    private static string Path(int number) =>
        $"{ApplicationUsage.Groups}/global/{ApplicationUsage.ByGroup}sip:g{number}@groups.example.com";

    private static void Decide(ReadOnlyMemory<byte> document) => GroupRules.Decide(
        BenchGroup.Resolve(document.ToArray()), GroupAction.JoinHandling, _member,
        new() { Now = DateTimeOffset.UtcNow });

    private static async Task<WebApplication> StartXdmsAsync(byte[] body)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.MapGet("/xcap-root/{**path}", (HttpResponse response) =>
        {
            response.Headers.ETag = "\"1\"";
            return Results.Bytes(body, "application/vnd.oma.poc.groups+xml");
        });
        await app.StartAsync();
        return app;
    }

    /// <summary>Our client with a cache of its own.</summary>
    private sealed class Reader : IDisposable
    {
        private readonly RemoteXdms _xdms;
        private readonly RemoteDocuments _documents;

        public Reader(string root)
        {
            var options = new XcapClientOptions
            {
                Root = root,
                Retries = 0,
                MaxDocuments = 1000,
                RevalidateAfter = TimeSpan.FromDays(1),
                BreakFor = TimeSpan.FromMinutes(10),
            };
            var health = new XdmsHealth(TimeProvider.System, NullLogger<XdmsHealth>.Instance);
            _xdms = new(options, health, TimeProvider.System);
            _documents = new(options, _xdms, health, TimeProvider.System, NullLogger<RemoteDocuments>.Instance);
        }

        public XdmDocument? Read(int number)
        {
            var selector = DocumentSelector.OfGroup($"sip:g{number}@groups.example.com");
            return _documents.ReadAsync(selector, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        }

        public void Refuse(int number)
        {
            try
            {
                Read(number);
                throw new InvalidOperationException("a dead XDMS has a document");
            }
            catch (XdmUnavailableException)
            {
            }
        }

        public void Dispose()
        {
            _documents.Dispose();
            _xdms.Dispose();
        }
    }
}
