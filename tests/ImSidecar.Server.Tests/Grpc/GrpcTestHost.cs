using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using ImSidecar.Grpc;
using ImSidecar.Grpc.Health;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Tests.Grpc;

/// <summary>A real Kestrel on a socket file and on loopback ports, with one service of each kind of method.</summary>
public sealed class GrpcTestHost : IAsyncLifetime
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("grpc-test-").FullName;
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _started = [];
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _ended = [];
    private WebApplication? _app;

    /// <summary>A shorter wait for a frozen client than the product's, if set.</summary>
    internal TimeSpan? PingInterval { get; init; }

    internal CollectedLog Log { get; } = new();

    internal HealthBoard Health => _app!.Services.GetRequiredService<HealthBoard>();

    internal string SocketPath => Path.Combine(_folder, "gateway.sock");

    internal IPEndPoint Tcp => EndPoint(0);

    internal IPEndPoint Http1 => EndPoint(1);

    /// <summary>How many errors a test means to cause; any other fails the class.</summary>
    internal int ExpectedErrors { get; set; }

    internal int WrittenToStalledReader { get; private set; }

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            ContentRootPath = AppContext.BaseDirectory,
        });
        builder.Logging.ClearProviders().AddProvider(Log);
        builder.Services.AddGrpcServer();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.UseGrpcLimits().ListenGrpcUnixSocket(SocketPath);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);

            var http2 = kestrel.Limits.Http2;
            http2.KeepAlivePingDelay = PingInterval ?? http2.KeepAlivePingDelay;
            http2.KeepAlivePingTimeout = PingInterval ?? http2.KeepAlivePingTimeout;

            // Stricter than any default: a call to which it applied would not outlive its first silent seconds.
            kestrel.Limits.MinRequestBodyDataRate = new(bytesPerSecond: 1_000_000, TimeSpan.FromSeconds(1.1));
        });

        _app = builder.Build();
        _app.MapGrpc("test.Calls", Configure);
        _app.MapGrpcHealth();
        _app.MapGet("/health/live", () => "live");
        await _app.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _app!.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
        Assert.Equal(ExpectedErrors, Log.Errors.Count);
    }

    internal Task StopAsync() => _app!.StopAsync();

    /// <summary>The handler that was called with this key runs.</summary>
    internal Task Started(string key) => Signal(_started, key).Task.WaitAsync(Patience);

    internal Task Ended(string key) => Signal(_ended, key).Task.WaitAsync(Patience);

    private IPEndPoint EndPoint(int index)
    {
        var urls = _app!.Urls.Where(url => url.Contains("127.0.0.1", StringComparison.Ordinal));
        return new(IPAddress.Loopback, new Uri(urls.ElementAt(index)).Port);
    }

    private void Configure(GrpcServiceBuilder service)
    {
        service.Unary<BytesValue, BytesValue>("Echo", BytesValue.Parser, (request, _) => Task.FromResult(request));
        service.Unary<StringValue, StringValue>("Fail", StringValue.Parser, Fail);
        service.Unary<StringValue, StringValue>("Crash", StringValue.Parser, (request, _) =>
            throw new InvalidOperationException(request.Value));
        service.Unary<StringValue, StringValue>("Metadata", StringValue.Parser, (request, context) =>
            Task.FromResult(new StringValue { Value = $"{context.Metadata[request.Value]} {context.Method}" }));
        service.ServerStreaming<Int64Value, Int64Value>("Count", Int64Value.Parser, CountAsync);
        service.ServerStreaming<StringValue, StringValue>("Wait", StringValue.Parser, WaitAsync);
        service.ServerStreaming<StringValue, BytesValue>("Flood", StringValue.Parser, FloodAsync);
        service.ClientStreaming<Int64Value, Int64Value>("Sum", Int64Value.Parser, SumAsync);
        service.ClientStreaming<BytesValue, Int64Value>("Measure", BytesValue.Parser, MeasureAsync);
        service.Bidirectional<BytesValue, BytesValue>("Chat", BytesValue.Parser, ChatAsync);
        service.Bidirectional<StringValue, StringValue>("Hold", StringValue.Parser, HoldAsync);
        service.MaxMessageBytes = 16 * 1024 * 1024;
        service.Unary<BytesValue, BytesValue>("EchoLarge", BytesValue.Parser, (request, _) => Task.FromResult(request));
    }

    private static Task<StringValue> Fail(StringValue request, GrpcContext context)
    {
        var parts = request.Value.Split('|', 2);
        var code = (GrpcStatusCode)int.Parse(parts[0], CultureInfo.InvariantCulture);
        throw new GrpcStatusException(code, parts[1]);
    }

    private static async Task CountAsync(Int64Value request, GrpcWriter<Int64Value> writer, GrpcContext context)
    {
        for (var number = 0L; number < request.Value; number++)
            await writer.WriteAsync(new Int64Value { Value = number });

        await writer.FlushAsync();
    }

    private static async Task<Int64Value> SumAsync(GrpcReader<Int64Value> reader, GrpcContext context)
    {
        var sum = 0L;
        await foreach (var number in reader.ReadAllAsync(context.Cancellation))
            sum += number.Value;

        return new Int64Value { Value = sum };
    }

    private static async Task<Int64Value> MeasureAsync(GrpcReader<BytesValue> reader, GrpcContext context)
    {
        var bytes = 0L;
        while (await reader.ReadAsync() is { } block)
            bytes += block.Value.Length;

        return new Int64Value { Value = bytes };
    }

    private static async Task ChatAsync(
        GrpcReader<BytesValue> reader, GrpcWriter<BytesValue> writer, GrpcContext context)
    {
        while (await reader.ReadAsync() is { } message)
        {
            await writer.WriteAsync(message);
            while (reader.TryRead(out var next))
                await writer.WriteAsync(next);

            await writer.FlushAsync();
        }
    }

    /// <summary>Waits for a second message; the first names the call.</summary>
    private async Task HoldAsync(GrpcReader<StringValue> reader, GrpcWriter<StringValue> writer, GrpcContext context)
    {
        var key = (await reader.ReadAsync())!.Value;
        try
        {
            var answer = context.Deadline is null ? "held" : "held with deadline";
            await writer.WriteAsync(new StringValue { Value = answer });
            await writer.FlushAsync();
            Signal(_started, key).TrySetResult();
            await reader.ReadAsync();
        }
        finally
        {
            Signal(_ended, key).TrySetResult();
        }
    }

    /// <summary>Waits for nothing but the end of the call.</summary>
    private async Task WaitAsync(StringValue request, GrpcWriter<StringValue> writer, GrpcContext context)
    {
        try
        {
            await writer.WriteAsync(new StringValue { Value = "held" });
            await writer.FlushAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, context.Cancellation);
        }
        finally
        {
            Signal(_ended, request.Value).TrySetResult();
        }
    }

    /// <summary>Writes 64 MiB as fast as the client takes it and tells when it has to wait for the client.</summary>
    private async Task FloodAsync(StringValue request, GrpcWriter<BytesValue> writer, GrpcContext context)
    {
        var block = new BytesValue { Value = ByteString.CopyFrom(new byte[16 * 1024]) };
        try
        {
            for (var written = 0; written < 64 * 1024 * 1024; written += block.Value.Length)
            {
                WrittenToStalledReader = written;
                var write = writer.WriteAsync(block);
                if (!write.IsCompleted)
                    Signal(_started, request.Value).TrySetResult();

                await write;
            }
        }
        finally
        {
            Signal(_ended, request.Value).TrySetResult();
        }
    }

    private static TaskCompletionSource Signal(
        ConcurrentDictionary<string, TaskCompletionSource> signals, string key) =>
        signals.GetOrAdd(key, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}
