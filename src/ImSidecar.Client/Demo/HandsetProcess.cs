using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ImSidecar.Client.Demo;

/// <summary>One "imclient handset" as a process of its own: commands in, events out.</summary>
internal sealed class HandsetProcess : IAsyncDisposable
{
    private readonly List<JsonObject> _events = [];
    private readonly Lock _gate = new();
    private readonly Process _process;
    private readonly Task _reading;
    private TaskCompletionSource _changed = New();

    private HandsetProcess(string user, Process process)
    {
        User = user;
        _process = process;
        _reading = ReadAsync();
    }

    public string User { get; }

    /// <summary>The port it listens on for SIP.</summary>
    public int SipPort { get; private set; }

    public static async Task<HandsetProcess> StartAsync(string user, string transport, DemoProfile profile)
    {
        string[] options =
        [
            "handset", "--user", user, "--transport", transport, "--proxy", profile.Proxy.ToString(),
            "--domain", profile.Domain, "--password", profile.Password,
        ];
        var start = Self(options);
        start.RedirectStandardInput = start.RedirectStandardOutput = true;
        var handset = new HandsetProcess(user, Process.Start(start)!);
        var ready = await handset.WaitAsync("to start", seen => Is(seen, "ready"), profile.Patience);
        handset.SipPort = int.Parse(Text(ready, "contact").Split(':')[2].Split(';')[0], null);
        return handset;
    }

    public void Send(string command)
    {
        _process.StandardInput.WriteLine(command);
        _process.StandardInput.Flush();
    }

    /// <summary>The first event of that kind not yet taken; a failure in words when it does not come.</summary>
    public async Task<JsonObject> WaitAsync(string what, Func<JsonObject, bool> isIt, TimeSpan patience)
    {
        using var limit = new CancellationTokenSource(patience);
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_events.Find(seen => isIt(seen)) is { } found)
                {
                    _events.Remove(found);
                    return found;
                }

                if (_events.Find(seen => Is(seen, "error")) is { } error)
                    throw new SceneFailure($"{User}: {Text(error, "text")}");
                changed = _changed.Task;
            }

            if (_reading.IsCompleted)
                throw new SceneFailure($"the handset of {User} ended by itself");
            if (await Task.WhenAny(changed, Task.Delay(Timeout.Infinite, limit.Token)) != changed)
                throw new SceneFailure($"{User} waited {patience.TotalSeconds:0} s in vain {what}");
        }
    }

    /// <summary>Events of that kind not yet taken.</summary>
    public IReadOnlyList<JsonObject> Left(Func<JsonObject, bool> isIt)
    {
        lock (_gate)
            return _events.FindAll(seen => isIt(seen));
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            Send("quit");
            await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(3));
        }
        catch (Exception error) when (error is TimeoutException or IOException or InvalidOperationException)
        {
            _process.Kill();
        }

        await _reading;
        _process.Dispose();
    }

    public static bool Is(JsonObject seen, string name) => Text(seen, "event") == name;

    public static string Text(JsonObject seen, string key) => seen[key]?.ToString() ?? "";

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Run by "dotnet imclient.dll" we are not the executable.
    private static ProcessStartInfo Self(string[] options)
    {
        var path = Environment.ProcessPath!;
        return Path.GetFileNameWithoutExtension(path) == "dotnet"
            ? new(path, [typeof(HandsetProcess).Assembly.Location, .. options])
            : new(path, options);
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (Parse(line) is { } seen)
                Take(seen);
        }

        _changed.TrySetResult();
    }

    private static JsonObject? Parse(string line)
    {
        try
        {
            return JsonNode.Parse(line) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private void Take(JsonObject seen)
    {
        lock (_gate)
        {
            _events.Add(seen);
            _changed.TrySetResult();
            _changed = New();
        }
    }
}
