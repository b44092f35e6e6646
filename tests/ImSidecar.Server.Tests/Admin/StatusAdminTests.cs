extern alias ctl;

using System.Text.Json;
using ctl::ImSidecar.Cli;

namespace ImSidecar.Server.Tests.Admin;

/// <summary>imsidecarctl status: what there is, and a sentence for each thing that is not well.</summary>
public sealed class StatusAdminTests : IAsyncLifetime
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
    public async Task All_is_well_and_it_says_so_with_what_there_is()
    {
        await SessionScene.BeginAsync(Host.Node);

        var (code, output, error) = await Host.ControlAsync("status");

        Assert.Equal((0, ""), (code, error));
        Assert.EndsWith("\n\nAll is well.\n", output, StringComparison.Ordinal);
        Assert.Matches(@"imsidecar +\d\S*, node test-node, up \d+ s\n", output);
        Assert.Matches(@"kamailio +test, , im_sidecar.so of an unknown version, attached since \S+Z\n", output);
        Assert.Contains("1 conference, 3 participants, 0 subscriptions, 0 to documents", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_well_is_named_with_what_to_do_and_the_exit_code_says_it_too()
    {
        Host.Node.Detach();
        Host.Node.StoreHealth.Fails(new IOException("disk full"));
        Host.Node.Switch.IsAvailable = false;

        var (code, output, _) = await Host.ControlAsync("status");

        Assert.Equal(1, code);
        Assert.Contains("\n! No Kamailio is attached to /run/imsidecar/gateway.sock", output, StringComparison.Ordinal);
        Assert.Contains("\n! The store /var/lib/imsidecar/conferences.db cannot be written", output, StringComparison.Ordinal);
        Assert.Contains("\n! The MSRP process does not answer", output, StringComparison.Ordinal);
        Assert.DoesNotContain("All is well", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_Kamailio_that_may_come_from_another_machine_is_missed_at_both_doors()
    {
        await using var host = await AdminHost.StartAsync(gatewayListen: "192.0.2.1:2880");
        await host.RecoverAsync();
        host.Node.Detach();

        var (_, output, _) = await host.ControlAsync("status");

        Assert.Contains(
            "\n! No Kamailio is attached to /run/imsidecar/gateway.sock or 192.0.2.1:2880 (Gateway:Listen): is it",
            output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_module_of_another_release_is_named()
    {
        Host.Node.Detach();
        Host.Node.Links.Attach(
            new() { Instance = "kam", BootId = "b", KamailioVersion = "5.6.3", ModuleVersion = "0.0.9" }, 16, out _);

        var (code, output, _) = await Host.ControlAsync("status");

        Assert.Equal(1, code);
        Assert.Contains("kam, 5.6.3, im_sidecar.so 0.0.9, attached", output, StringComparison.Ordinal);
        Assert.Contains("! im_sidecar.so is 0.0.9 and this sidecar ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task For_scripts_it_is_one_object()
    {
        using var status = JsonDocument.Parse((await Host.ControlAsync("--json", "status")).Output);

        Assert.Equal("test-node", status.RootElement.GetProperty("node").GetString());
        Assert.Equal(JsonValueKind.Number, status.RootElement.GetProperty("uptimeSeconds").ValueKind);
        Assert.Equal(0, status.RootElement.GetProperty("problems").GetArrayLength());
        Assert.False(status.RootElement.GetProperty("draining").GetBoolean());
    }

    [Fact]
    public async Task The_socket_of_Kamailio_answers_nothing_of_it()
    {
        Assert.Equal(
            (ExitCode.Refused, "", "imsidecarctl: Not on this socket\n"),
            await Host.ControlAsync("status", "--socket", Host.Gateway));
    }
}
