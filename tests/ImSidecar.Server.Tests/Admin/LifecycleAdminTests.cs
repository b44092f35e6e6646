using System.Text.Json;

namespace ImSidecar.Server.Tests.Admin;

/// <summary>imsidecarctl drain and loglevel, from the command line to what they switch.</summary>
public sealed class LifecycleAdminTests : IAsyncLifetime
{
    private AdminHost? _host;

    private AdminHost Host => _host!;

    public async ValueTask InitializeAsync()
    {
        _host = await AdminHost.StartAsync();
        await Host.RecoverAsync();
    }

    public ValueTask DisposeAsync() => Host.DisposeAsync();

    [Fact]
    public async Task A_node_is_taken_out_of_service_and_into_it_again()
    {
        await SessionScene.BeginAsync(Host.Node);

        var on = await Host.ControlAsync("drain");
        var status = await Host.ControlAsync("status");
        var off = await Host.ControlAsync("drain", "--off");

        Assert.Matches(@"^Draining since \S+Z: 1 session with 3 participants goes on\.\n$", on.Output);
        Assert.Contains("\n! The node is drained since ", status.Output, StringComparison.Ordinal);
        Assert.Equal(1, status.Code);
        Assert.Equal((0, "In service.\n", ""), off);
        Assert.False(Host.Node.Drain.IsOn);
    }

    [Fact]
    public async Task To_ask_how_far_it_is_changes_nothing()
    {
        using var answer = JsonDocument.Parse((await Host.ControlAsync("drain", "--status", "--json")).Output);

        Assert.False(answer.RootElement.GetProperty("draining").GetBoolean());
        Assert.Equal(JsonValueKind.Null, answer.RootElement.GetProperty("since").ValueKind);
        Assert.False(Host.Node.Drain.IsOn);
    }

    [Fact]
    public async Task Who_waits_hears_that_the_last_session_is_over_or_that_it_takes_too_long()
    {
        var id = await SessionScene.BeginAsync(Host.Node);
        await SessionScene.AcknowledgeAsync(Host.Node);

        var late = await Host.ControlAsync("drain", "--wait", "--timeout", "0.2");
        await using var waiting = Host.Begin("drain", "--wait");
        await Host.ControlAsync("conferences", "release", id);

        Assert.Equal(1, late.Code);
        Assert.Contains("1 session with 3 participants goes on", late.Output, StringComparison.Ordinal);
        Assert.Equal(0, await waiting.EndAsync());
        await waiting.LineAsync("no session goes on");
    }

    [Fact]
    public async Task Who_is_interrupted_while_he_waits_does_not_say_that_it_is_done()
    {
        await SessionScene.BeginAsync(Host.Node);
        await using var waiting = Host.Begin("drain", "--wait");
        while (!Host.Node.Drain.IsOn)
            await Task.Delay(10, TestContext.Current.CancellationToken);

        Assert.Equal(130, await waiting.InterruptAsync());
    }

    [Theory]
    [InlineData("--off goes with neither --status nor --wait", "drain", "--off", "--wait")]
    [InlineData("A category needs a level", "loglevel", "ImSidecar")]
    [InlineData("--for is a time such as 90s, 10m or 2h", "loglevel", "ImSidecar", "Debug", "--for", "10")]
    [InlineData(
        "A level is one of Trace, Debug, Information, Warning, Error, Critical, None, or Default",
        "loglevel", "ImSidecar", "Loud")]
    [InlineData(
        "A level is one of Trace, Debug, Information, Warning, Error, Critical, None, or Default",
        "loglevel", "ImSidecar", "3")]
    [InlineData("A category has one * at most", "loglevel", "*Sidecar*", "Debug")]
    [InlineData("The time is between 0 and 7 days", "loglevel", "ImSidecar", "Debug", "--for", "8d")]
    public async Task A_wrong_line_is_said_to_be_one(string sentence, params string[] arguments) =>
        Assert.Equal((2, "", $"imsidecarctl: {sentence}\n"), await Host.ControlAsync(arguments));

    [Fact]
    public async Task A_reload_tells_what_is_in_force_and_what_wants_a_restart()
    {
        await using var host = await AdminHost.StartAsync(
            reload: new(["Controlling:Barred"], ["Msrp:Listen"], []));

        Assert.Equal(
            (0, "in force: Controlling:Barred\nwants a restart: Msrp:Listen\n", ""), await host.ControlAsync("reload"));
        Assert.Equal((0, "Nothing has changed.\n", ""), await Host.ControlAsync("reload"));
    }

    [Fact]
    public async Task A_wrong_configuration_is_not_taken_over_and_the_exit_code_says_so()
    {
        await using var host = await AdminHost.StartAsync(reload: new([], [], ["Msrp:Listen must be ADDRESS:PORT"]));

        var (code, output, _) = await host.ControlAsync("reload");

        Assert.Equal(1, code);
        Assert.Equal(
            "! Msrp:Listen must be ADDRESS:PORT\nNothing is taken over: the configuration is wrong.\n", output);
    }

    [Fact]
    public async Task A_level_is_set_for_a_while_and_taken_back()
    {
        var set = await Host.ControlAsync("loglevel", "ImSidecar.Server.Gateway", "debug", "--for", "10m");
        var listed = await Host.ControlAsync("loglevel");
        var back = await Host.ControlAsync("loglevel", "ImSidecar.Server.Gateway", "Default");

        Assert.Matches(@"^CATEGORY +LEVEL +SAID BY\nImSidecar\.Server\.Gateway  Debug +operator, until \S+Z\n", set.Output);
        Assert.Equal(set.Output, listed.Output);
        Assert.DoesNotContain("Gateway", back.Output, StringComparison.Ordinal);
        Assert.Matches(@"\nDefault +Warning +configuration\n", back.Output);
    }
}
