using System.Diagnostics;
using System.Net.Sockets;
using ImSidecar.Server.Admin;
using ImSidecar.Server.Gateway;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ImSidecar.Server.Tests.Admin;

/// <summary>Who may write to a socket of ours: its owner, its group, and nobody else.</summary>
public sealed class SocketModeTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("imsidecar-");
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly string _path;

    public SocketModeTests()
    {
        _path = Path.Combine(_folder.FullName, "a.sock");
        _socket.Bind(new UnixDomainSocketEndPoint(_path));
    }

    public void Dispose()
    {
        _socket.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_socket_is_for_owner_and_group_once_the_server_listens()
    {
        await new SocketMode(_path).StartedAsync(TestContext.Current.CancellationToken);

        Assert.Equal("660", Stat("%a"));
    }

    [Fact]
    public async Task A_socket_is_given_to_the_group_that_the_key_names()
    {
        var group = Run("id", "-gn");
        await new SocketMode(_path, group, "Gateway:SocketGroup").StartedAsync(TestContext.Current.CancellationToken);

        Assert.Equal(group + " 660", Stat("%G %a"));
    }

    [Fact]
    public async Task Root_gives_a_socket_to_any_group()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root may give a file to a group he is not in");
        await new SocketMode(_path, "daemon", "Gateway:SocketGroup").StartedAsync(TestContext.Current.CancellationToken);

        Assert.Equal("daemon 660", Stat("%G %a"));
    }

    [Fact]
    public async Task A_group_that_cannot_be_had_ends_the_start_with_the_key_and_leaves_the_socket_closed()
    {
        var before = Stat("%G %a");
        var started = new SocketMode(_path, "no such group", "Gateway:SocketGroup");

        var exception = await Assert.ThrowsAsync<IOException>(
            () => started.StartedAsync(TestContext.Current.CancellationToken));

        Assert.StartsWith("Gateway:SocketGroup: the socket cannot be given to the group no such group", exception.Message);
        Assert.Equal(before, Stat("%G %a"));
    }

    [Fact]
    public void Each_socket_of_the_sidecar_has_its_own()
    {
        var services = new ServiceCollection().AddLogging();
        var configuration = new ConfigurationBuilder().Build();
        services.AddGateway(configuration);
        services.AddAdmin(configuration);

        using var provider = services.AddSingleton(TimeProvider.System).BuildServiceProvider();

        Assert.Equal(2, services.Count(each => each.ServiceType == typeof(IHostedService)
            && each.ImplementationFactory?.Invoke(provider) is SocketMode));
    }

    private string Stat(string format) => Run("stat", "-c", format, _path);

    private static string Run(string program, params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output.Trim();
    }
}
