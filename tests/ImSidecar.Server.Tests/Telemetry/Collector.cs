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

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task<IResult> TakeAsync(string signal, HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        _got.Enqueue((signal, body.ToArray(), request.Headers["api-key"].FirstOrDefault()));
        return Results.Bytes([], "application/x-protobuf");
    }
}
