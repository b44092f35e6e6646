using Google.Protobuf.WellKnownTypes;

namespace ImSidecar.Server.Tests.Grpc;

/// <summary>Deadlines as the server keeps them: the client here sets grpc-timeout and then only waits.</summary>
public sealed class DeadlineTests(GrpcTestHost host) : IClassFixture<GrpcTestHost>, IDisposable
{
    private readonly RawClient _client = RawClient.Over(host.Tcp);

    [Theory]
    [InlineData("1500m")]
    [InlineData("1500000u")]
    public async Task A_waiting_handler_ends_and_the_status_says_why(string timeout)
    {
        var response = await HoldAsync(timeout, timeout);

        Assert.Equal(4, RawClient.Status(response));
        await host.Ended(timeout);
    }

    // The longest there is in nanoseconds: the handler may not have begun by then.
    [Fact]
    public async Task A_deadline_in_nanoseconds_is_kept()
    {
        var response = await HoldAsync("nanoseconds", "99999999n");

        Assert.Equal(4, RawClient.Status(response));
    }

    [Fact]
    public async Task A_silent_stream_is_not_bound_to_a_data_rate()
    {
        var response = await HoldAsync("silent", "3S");

        Assert.Equal(4, RawClient.Status(response));
    }

    [Fact]
    public async Task A_deadline_that_has_passed_ends_the_call_at_once()
    {
        var response = await HoldAsync("late", "0n");

        Assert.Equal(4, RawClient.Status(response));
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("99999999H")]
    [InlineData("1M")]
    public async Task A_far_deadline_is_no_obstacle(string timeout)
    {
        var request = RawClient.Request("Echo", new ByteArrayContent(RawClient.Frame(new BytesValue())));
        request.Headers.Add("grpc-timeout", timeout);

        var response = await _client.SendAsync(request, HttpCompletionOption.ResponseContentRead);

        Assert.Equal(0, RawClient.Status(response));
    }

    [Fact]
    public async Task A_malformed_timeout_is_refused()
    {
        var response = await HoldAsync("malformed", "soon");

        Assert.Equal(13, RawClient.Status(response));
        Assert.Equal("Malformed grpc-timeout", RawClient.Message(response));
    }

    public void Dispose() => _client.Dispose();

    private async Task<HttpResponseMessage> HoldAsync(string key, string timeout)
    {
        using var content = new OpenContent();
        var request = RawClient.Request("Hold", content);
        request.Headers.Add("grpc-timeout", timeout);
        var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        if (timeout is not ("0n" or "99999999n" or "soon"))
            await content.WriteAsync(RawClient.Frame(new StringValue { Value = key }));

        await response.Content.LoadIntoBufferAsync(TestContext.Current.CancellationToken);
        return response;
    }
}
