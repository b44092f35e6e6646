namespace ImSidecar.Server.Tests.Grpc;

/// <summary>The library as a real gRPC client (python3-grpcio, the C core) sees it.</summary>
public class RealClientTests(GrpcTestHost host) : IClassFixture<GrpcTestHost>
{
    private string Tcp => $"ipv4:{host.Tcp}";

    private string Unix => $"unix:{host.SocketPath}";

    [Fact]
    public async Task Messages_of_all_sizes_come_back_over_tcp() => await PythonClient.RunAsync("echo", Tcp);

    [Fact]
    public async Task Messages_of_all_sizes_come_back_over_a_socket_file() => await PythonClient.RunAsync("echo", Unix);

    [Fact]
    public async Task A_message_larger_than_the_flow_control_window_passes() =>
        await PythonClient.RunAsync("beyond_window", Unix);

    [Fact]
    public async Task Streams_of_either_side_arrive_whole() => await PythonClient.RunAsync("streams", Unix);

    [Fact]
    public async Task Twenty_thousand_messages_keep_their_order_both_ways() =>
        await PythonClient.RunAsync("order", Unix);

    [Fact]
    public async Task Every_status_code_arrives_with_its_text() => await PythonClient.RunAsync("status_codes", Tcp);

    [Fact]
    public async Task What_cannot_be_served_is_refused_with_the_right_code() =>
        await PythonClient.RunAsync("refusals", Tcp);

    [Fact]
    public async Task Metadata_reaches_the_handler() => await PythonClient.RunAsync("metadata", Tcp);

    [Fact]
    public async Task Several_hundred_streams_live_on_one_connection() =>
        await PythonClient.RunAsync("many", Unix, "400");

    [Theory]
    [InlineData("cancel")]
    [InlineData("cancel_wait")]
    public async Task Cancellation_ends_the_handler(string scenario)
    {
        await PythonClient.RunAsync(scenario, Tcp, scenario);

        await host.Ended(scenario);
    }

    [Fact]
    public async Task The_deadline_reaches_both_sides()
    {
        await PythonClient.RunAsync("deadline", Tcp, "expired");

        await host.Ended("expired");
    }
}
