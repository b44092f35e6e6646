using System.ComponentModel;
using System.Diagnostics;

namespace ImSidecar.Cli.Doctor;

/// <summary>A program of this machine, asked once.</summary>
internal static class Tool
{
    /// <summary>The code of one that has not ended in time; no program has it.</summary>
    public const int Late = -1;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);

    /// <summary>Null: there is no such program.</summary>
    public static async Task<(int Code, string Output, string Error)?> RunAsync(
        string program, IEnumerable<string> arguments, CancellationToken cancellation, TimeSpan? patience = null)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        late.CancelAfter(patience ?? _patience);
        Process? process = null;
        try
        {
            process = Process.Start(new ProcessStartInfo(program, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            });
            if (process is null)
                return null;

            var error = process.StandardError.ReadToEndAsync(late.Token);
            var output = await process.StandardOutput.ReadToEndAsync(late.Token);
            await process.WaitForExitAsync(late.Token);
            return (process.ExitCode, output, await error);
        }
        catch (Win32Exception)
        {
            return null;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            process?.Kill();
            return (Late, "", "");
        }
        finally
        {
            process?.Dispose();
        }
    }
}
