using System.ComponentModel;
using System.Diagnostics;

namespace ImSidecar.Client.Demo;

/// <summary>Who runs the demo's sidecar: a script that restarts it and asks it what is kept.</summary>
internal sealed class SidecarOperator(string script, string folder)
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    /// <summary>Kills it and starts it again; returns when it serves.</summary>
    public Task RestartAsync() => RunAsync("restart");

    /// <summary>What imsidecarctl says is kept for that user, line by line.</summary>
    public async Task<string[]> KeptAsync(string user)
    {
        var output = await RunAsync("kept", user);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } lines
            ? lines : throw new SceneFailure("imsidecarctl deferred says nothing");
    }

    private async Task<string> RunAsync(params string[] words)
    {
        using var limit = new CancellationTokenSource(_patience);
        using var process = Start([folder, .. words]);
        try
        {
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            var output = await process.StandardOutput.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return process.ExitCode == 0 ? output : throw new SceneFailure((await errors).Trim());
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw new SceneFailure($"{script} took longer than {_patience.TotalSeconds:0} s");
        }
    }

    private Process Start(IEnumerable<string> arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(script, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
        }
        catch (Win32Exception error)
        {
            throw new SceneFailure($"{script}: {error.Message}");
        }
    }
}
