using System.Diagnostics;
using System.Runtime.InteropServices;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Harness;

/// <summary>imclient as a person starts it, over pipes; it leaves when its input ends, so never outlives us.</summary>
internal sealed class ChatProcess : IAsyncDisposable
{
    private const int Interrupt = 2;

    private readonly List<string> _lines = [];
    private readonly Process _process;
    private readonly Task _reading;
    private TaskCompletionSource _changed = New();
    private int _read;

    private ChatProcess(Process process)
    {
        _process = process;
        _reading = Task.WhenAll(ReadAsync(process.StandardOutput), ReadAsync(process.StandardError));
    }

    /// <summary>Everything it has printed.</summary>
    public string Text
    {
        get
        {
            lock (_lines)
                return string.Join('\n', _lines);
        }
    }

    public static ChatProcess Start(string? password, params IEnumerable<string> arguments)
    {
        // A shell that runs the tests in the background has them ignore the interrupt, and a person's terminal does not.
        var start = new ProcessStartInfo("env", ["--default-signal=INT", "dotnet", Built.Client, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Remove("IMCLIENT_PASSWORD");
        if (password is not null)
            start.Environment["IMCLIENT_PASSWORD"] = password;
        return new(Process.Start(start)!);
    }

    public void Type(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
    }

    /// <summary>The next line that holds that text; those before it are passed over.</summary>
    public async Task<string> SeesAsync(string text)
    {
        using var limit = new CancellationTokenSource(Soon);
        while (true)
        {
            Task changed;
            lock (_lines)
            {
                while (_read < _lines.Count)
                {
                    if (_lines[_read++].Contains(text, StringComparison.Ordinal))
                        return _lines[_read - 1];
                }

                changed = _changed.Task;
            }

            if (_reading.IsCompleted || await Task.WhenAny(changed, Task.Delay(Soon, limit.Token)) != changed)
                Assert.Fail($"\"{text}\" did not come:\n{Text}");
        }
    }

    public void Interrupted() => _ = Kill(_process.Id, Interrupt);

    /// <summary>SIGSTOP until the result is disposed of: its connections stand, and nobody is behind them.</summary>
    public IDisposable Freeze() => ProcessTree.Freeze([_process.Id]);

    /// <summary>The exit code, once it has ended by itself.</summary>
    public async Task<int> ExitAsync()
    {
        await Within(_process.WaitForExitAsync(TestContext.Current.CancellationToken));
        await Within(_reading);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.StandardInput.Close();
            await Task.WhenAny(_process.WaitForExitAsync(), Task.Delay(Soon));
            if (!_process.HasExited)
                _process.Kill();
        }

        _process.Dispose();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task ReadAsync(StreamReader output)
    {
        while (await output.ReadLineAsync() is { } line)
        {
            lock (_lines)
            {
                _lines.Add(line);
                _changed.TrySetResult();
                _changed = New();
            }
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int process, int signal);
}
