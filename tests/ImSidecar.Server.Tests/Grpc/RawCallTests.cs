using System.Net;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using ImSidecar.Grpc;

namespace ImSidecar.Server.Tests.Grpc;

/// <summary>What goes over HTTP/2, byte by byte.</summary>
public sealed class RawCallTests(GrpcTestHost host) : IClassFixture<GrpcTestHost>, IDisposable
{
    private readonly RawClient _client = RawClient.Over(host.SocketPath);

    private static byte[] Hello => RawClient.Frame(new BytesValue { Value = ByteString.CopyFromUtf8("hello") });

    [Fact]
    public async Task An_answer_is_a_framed_message_and_a_status_in_the_trailers()
    {
        var response = await _client.CallAsync("Echo", Hello);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/grpc", response.Content.Headers.ContentType!.ToString());
        Assert.Equal("identity", response.Headers.GetValues("grpc-accept-encoding").Single());
        Assert.Equal(Hello, await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        Assert.Equal(0, RawClient.Status(response));
        Assert.False(response.TrailingHeaders.Contains("grpc-message"));
    }

    [Theory]
    [InlineData("application/grpc+proto", HttpStatusCode.OK)]
    [InlineData("application/grpc;charset=utf-8", HttpStatusCode.OK)]
    [InlineData("application/grpc-web", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/grpc+json", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/json", HttpStatusCode.UnsupportedMediaType)]
    public async Task The_content_type_decides_whether_it_is_a_call(string type, HttpStatusCode code)
    {
        var request = RawClient.Request("Echo", new ByteArrayContent(Hello), type);

        var response = await _client.SendAsync(request, HttpCompletionOption.ResponseContentRead);

        Assert.Equal(code, response.StatusCode);
    }

    [Theory]
    [InlineData("Nothing", "application/grpc", HttpStatusCode.OK, 12)]
    [InlineData("Nothing", "application/json", HttpStatusCode.NotFound, null)]
    public async Task Only_calls_are_told_that_a_method_is_unknown(
        string method, string type, HttpStatusCode code, int? status)
    {
        var request = RawClient.Request(method, new ByteArrayContent(Hello), type);

        var response = await _client.SendAsync(request, HttpCompletionOption.ResponseContentRead);

        Assert.Equal(code, response.StatusCode);
        Assert.Equal(status, RawClient.Status(response));
    }

    [Fact]
    public async Task A_call_over_http_1_is_told_to_upgrade()
    {
        using var http1 = RawClient.Over(host.Http1);
        var request = RawClient.Request("Echo", new ByteArrayContent(Hello));
        request.Version = HttpVersion.Version11;

        var response = await http1.SendAsync(request, HttpCompletionOption.ResponseContentRead);

        Assert.Equal(HttpStatusCode.UpgradeRequired, response.StatusCode);
    }

    [Theory]
    [InlineData(new byte[] { 1, 0, 0, 0, 1, 0 }, GrpcStatusCode.Unimplemented)]
    [InlineData(new byte[] { 2, 0, 0, 0, 1, 0 }, GrpcStatusCode.Internal)]
    [InlineData(new byte[] { 0, 0, 0, 0, 9, 1 }, GrpcStatusCode.Internal)]
    [InlineData(new byte[] { 0, 0, 0 }, GrpcStatusCode.Internal)]
    [InlineData(new byte[] { 0, 0, 0, 0, 2, 0x0A, 0x7F }, GrpcStatusCode.Internal)]
    [InlineData(new byte[] { 0, 0x7F, 0xFF, 0xFF, 0xFF }, GrpcStatusCode.ResourceExhausted)]
    [InlineData(new byte[] { 0, 0xFF, 0xFF, 0xFF, 0xFF }, GrpcStatusCode.ResourceExhausted)]
    [InlineData(new byte[0], GrpcStatusCode.Unimplemented)]
    [InlineData(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, GrpcStatusCode.Unimplemented)]
    public async Task Malformed_requests_end_with_their_status(byte[] body, GrpcStatusCode status)
    {
        var response = await _client.CallAsync("Echo", body);

        Assert.Equal((int)status, RawClient.Status(response));
        Assert.NotEmpty(RawClient.Message(response));
        Assert.Equal("identity", response.Headers.GetValues("grpc-accept-encoding").Single());
    }

    [Fact]
    public async Task An_announced_length_over_the_limit_is_refused_before_the_bytes_come()
    {
        using var content = new OpenContent();
        var sent = _client.SendAsync(RawClient.Request("Echo", content), HttpCompletionOption.ResponseContentRead);
        await content.WriteAsync(new byte[] { 0, 0x10, 0, 0, 0 });

        var response = await sent;

        Assert.Equal(8, RawClient.Status(response));
    }

    [Fact]
    public async Task Headers_leave_before_the_first_message_comes_and_a_message_may_come_byte_by_byte()
    {
        using var content = new OpenContent();
        var request = RawClient.Request("Chat", content);

        using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        foreach (var value in Hello)
            await content.WriteAsync(new[] { value });

        content.End();
        Assert.Equal(Hello, await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        Assert.Equal(0, RawClient.Status(response));
    }

    [Fact]
    public async Task A_stream_may_carry_more_than_any_body_limit()
    {
        using var content = new OpenContent();
        var sent = _client.SendAsync(RawClient.Request("Measure", content), HttpCompletionOption.ResponseContentRead);
        var block = RawClient.Frame(new BytesValue { Value = ByteString.CopyFrom(new byte[1024 * 1024]) });
        for (var number = 0; number < 40; number++)
            await content.WriteAsync(block);

        content.End();
        var response = await sent;

        Assert.Equal(0, RawClient.Status(response));
        var answer = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        Assert.Equal(40 * 1024 * 1024, Int64Value.Parser.ParseFrom(answer.AsSpan(5)).Value);
    }

    [Fact]
    public async Task A_failing_handler_tells_the_peer_nothing_and_the_log_once()
    {
        host.ExpectedErrors = 1;

        var response = await _client.CallAsync("Crash", RawClient.Frame(new StringValue { Value = "secret" }));

        Assert.Equal(13, RawClient.Status(response));
        Assert.Equal("Internal error", RawClient.Message(response));
        var (_, text, exception) = Assert.Single(host.Log.Errors);
        Assert.Equal("gRPC handler of /test.Calls/Crash failed", text);
        Assert.Equal("secret", exception!.Message);
    }

    [Fact]
    public async Task A_client_that_does_not_read_holds_the_handler_and_not_the_memory()
    {
        var key = RawClient.Frame(new StringValue { Value = "f" });
        var request = RawClient.Request("Flood", new ByteArrayContent(key));
        var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await host.Started("f");

        response.Dispose();

        await host.Ended("f");
        Assert.InRange(host.WrittenToStalledReader, 0, 32 * 1024 * 1024);
    }

    public void Dispose() => _client.Dispose();
}
