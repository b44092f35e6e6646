using ImSidecar.Server.Gateway;
using Microsoft.Extensions.Hosting;

namespace ImSidecar.Server.Admin;

/// <summary>
/// Opens a socket to its group once the server listens, or to another one that a key names; until then its owner may write.
/// </summary>
internal sealed class SocketMode(string socket, string group = "", string key = "") : IHostedLifecycleService
{
    private const UnixFileMode Mode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        if (OperatingSystem.IsWindows())
            return Task.CompletedTask;

        // First the group, then its right: at no time may another one write.
        if (group.Length > 0 && !UnixGroup.TryGive(socket, group, out var reason))
            throw new IOException($"{key}: the socket cannot be given to the group {group} ({reason}); " +
                "add the user of this process to that group");

        File.SetUnixFileMode(socket, Mode);
        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
