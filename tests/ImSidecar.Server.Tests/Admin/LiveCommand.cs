extern alias ctl;

using System.Text;
using ctl::ImSidecar.Cli;
using ctl::ImSidecar.Cli.Terminal;

namespace ImSidecar.Server.Tests.Admin;

/// <summary>imsidecarctl that tells live, and what it has told so far.</summary>
internal sealed class LiveCommand : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _interrupt = new();
    private readonly Lines _output = new();
    private readonly StringWriter _error = new();
    private readonly Task<int> _running;

    public LiveCommand(string[] arguments, Func<bool>? isRead = null)
    {
        var screen = new Screen(_output, _error, isRead: isRead);
        _running = Task.Run(() => Application.RunAsync(arguments, screen, _interrupt.Token));
    }

    public string Error => _error.ToString();

    public string Output => _output.Text;

    /// <summary>The first line that holds all of that, which may be there already.</summary>
    public async Task<string> LineAsync(params string[] parts)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        using var limit = new CancellationTokenSource(_patience);
        while (true)
        {
            var lines = _output.Text.Split('\n');
            if (lines.SkipLast(1).FirstOrDefault(line => HasAll(line, parts)) is { } found)
                return found;

            if (limit.IsCancellationRequested)
                throw new TimeoutException($"{string.Join(" + ", parts)} not in:\n{_output.Text}{Error}");
            await tick.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    /// <summary>Its exit code when the sidecar ends it.</summary>
    public Task<int> EndAsync() => _running.WaitAsync(_patience);

    /// <summary>As Ctrl+C does.</summary>
    public Task<int> InterruptAsync()
    {
        _interrupt.Cancel();
        return EndAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await InterruptAsync();
        _interrupt.Dispose();
        await _error.DisposeAsync();
    }

    private static bool HasAll(string line, string[] parts) =>
        parts.All(part => line.Contains(part, StringComparison.Ordinal));

    private sealed class Lines : TextWriter
    {
        private readonly StringBuilder _text = new();

        public override Encoding Encoding => Encoding.UTF8;

        public string Text
        {
            get
            {
                lock (_text)
                    return _text.ToString();
            }
        }

        public override void Write(char value)
        {
            lock (_text)
                _text.Append(value);
        }
    }
}
