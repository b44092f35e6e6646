using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using ImSidecar.Grpc;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Tests.Telemetry;

/// <summary>A collector of OpenTelemetry, by gRPC or by HTTP: keeps what it gets as it came.</summary>
internal sealed class Collector : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<(string Path, byte[] Body, string? Key)> _got = new();

    private Collector(int port, bool isGrpc)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddGrpcServer();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.UseGrpcLimits().Listen(
            IPAddress.Loopback, port,
            listen => listen.Protocols = isGrpc ? HttpProtocols.Http2 : HttpProtocols.Http1));
        _app = builder.Build();
        _app.UseRouting();
        foreach (var signal in (string[])["trace", "metrics"])
        {
            var service = "opentelemetry.proto.collector." + signal + ".v1."
                + (signal == "trace" ? "TraceService" : "MetricsService");
            _app.MapGrpc(service, methods => methods.Unary<Empty, Empty>("Export", Empty.Parser, (request, context) =>
            {
                _got.Enqueue((signal, request.ToByteArray(), context.Metadata["api-key"].FirstOrDefault()));
                return Task.FromResult(new Empty());
            }));
        }

        _app.MapPost("/v1/{signal}", TakeAsync);
    }

    public Uri Address => new(_app.Urls.Single());

    public static async Task<Collector> StartAsync(bool isGrpc, int port = 0)
    {
        var collector = new Collector(port, isGrpc);
        await collector._app.StartAsync();
        return collector;
    }

    /// <summary>The key that came with the first message of that signal that holds the text.</summary>
    public async Task<string?> ReceiveAsync(string signal, string text)
    {
        var wanted = Encoding.UTF8.GetBytes(text);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            foreach (var (path, body, key) in _got)
            {
                if (path.StartsWith(signal, StringComparison.Ordinal) && body.AsSpan().IndexOf(wanted) >= 0)
                    return key;
            }

            await Task.Delay(50, limit.Token);
        }
    }

    /// <summary>A span of that trace has come.</summary>
    public async Task ReceiveSpanAsync(string traceId, string name)
    {
        List<string> names = [];
        for (var tries = 0; tries < 150; tries++)
        {
            names = [.. _got.Where(each => each.Path.StartsWith("trace", StringComparison.Ordinal))
                .SelectMany(each => Spans(each.Body)).Where(each => each.TraceId == traceId).Select(each => each.Name)];
            if (names.Contains(name))
                return;
            await Task.Delay(100);
        }

        throw new TimeoutException($"{name} of {traceId} did not come, but {string.Join(' ', names)}");
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task<IResult> TakeAsync(string signal, HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        _got.Enqueue((signal, body.ToArray(), request.Headers["api-key"].FirstOrDefault()));
        return Results.Bytes([], "application/x-protobuf");
    }

    // ExportTraceServiceRequest, ResourceSpans, ScopeSpans, Span, by the numbers of their fields.
    private static IEnumerable<(string TraceId, string Name)> Spans(byte[] request) =>
        from resource in Fields(request, 1)
        from scope in Fields(resource, 2)
        from span in Fields(scope, 2)
        select (Convert.ToHexStringLower(Fields(span, 1).Single()), Encoding.UTF8.GetString(Fields(span, 5).Single()));

    private static List<byte[]> Fields(byte[] message, int number)
    {
        var found = new List<byte[]>();
        var input = new CodedInputStream(message);
        while (input.ReadTag() is not 0 and var tag)
        {
            if (WireFormat.GetTagWireType(tag) == WireFormat.WireType.LengthDelimited
                && input.ReadBytes() is var value && WireFormat.GetTagFieldNumber(tag) == number)
                found.Add(value.ToByteArray());
            else if (WireFormat.GetTagWireType(tag) != WireFormat.WireType.LengthDelimited)
                input.SkipLastField();
        }

        return found;
    }
}
