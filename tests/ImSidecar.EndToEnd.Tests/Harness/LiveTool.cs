using System.Diagnostics;
using System.Text;

namespace ImSidecar.EndToEnd.Tests.Harness;

/// <summary>imsidecarctl that tells live, a process of its own, and what it has told so far.</summary>
internal sealed class LiveTool : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    private readonly Process _process;
    private readonly StringBuilder _told = new();

    private LiveTool(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Add(line.Data);
        process.ErrorDataReceived += (_, line) => Add(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public static LiveTool Start(DemoProfile profile, params IEnumerable<string> arguments) => new(Process.Start(
        new ProcessStartInfo("dotnet", [Built.ControlTool, .. arguments, "--socket", profile.AdminSocket])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!);

    /// <summary>The first line that holds all of that, which may be there already.</summary>
    public async Task<string> LineAsync(params string[] parts)
    {
        using var limit = new CancellationTokenSource(_patience);
        while (true)
        {
            string told;
            lock (_told)
                told = _told.ToString();
            if (told.Split('\n').FirstOrDefault(line => HasAll(line, parts)) is { } found)
                return found;

            if (limit.IsCancellationRequested)
                throw new TimeoutException($"{string.Join(" + ", parts)} not in:\n{told}");
            await Task.Delay(20, CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static bool HasAll(string line, string[] parts) =>
        parts.All(part => line.Contains(part, StringComparison.Ordinal));

    private void Add(string? line)
    {
        if (line is null)
            return;

        lock (_told)
            _told.Append(line).Append('\n');
    }
}
