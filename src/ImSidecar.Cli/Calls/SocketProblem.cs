using System.ComponentModel;
using System.Diagnostics;
using System.Net.Sockets;

namespace ImSidecar.Cli.Calls;

/// <summary>Why a Unix socket cannot be used, and what to do about it.</summary>
internal static class SocketProblem
{
    public static string Of(string socket, Exception failure) => failure.GetBaseException() switch
    {
        SocketException { SocketErrorCode: SocketError.AccessDenied } => NotAllowed(GroupOf(socket)),
        _ when !File.Exists(socket) => "there is no such socket",
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => "nobody listens there",
        ObjectDisposedException => "it closed the connection",
        var cause => cause.Message,
    };

    public static string NotAllowed(string? group) => group is null
        ? "permission denied: run it as root, or as a member of the group of the sidecar"
        : $"permission denied: run it as root, or as a member of the group {group}";

    // The folder tells when the socket in it cannot be seen. .NET knows modes of files, but no groups.
    private static string? GroupOf(string socket)
    {
        foreach (var path in new[] { socket, Path.GetDirectoryName(socket) })
        {
            if (path is { Length: > 0 } && Ask(path) is { Length: > 0 } group)
                return group;
        }

        return null;
    }

    private static string? Ask(string path)
    {
        try
        {
            using var stat = Process.Start(new ProcessStartInfo("stat", ["-c", "%G", "--", path])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            });
            var group = stat?.StandardOutput.ReadToEnd().Trim();
            return stat?.WaitForExit(TimeSpan.FromSeconds(2)) == true && stat.ExitCode == 0 ? group : null;
        }
        catch (Exception missing) when (missing is Win32Exception or IOException)
        {
            return null;
        }
    }
}
