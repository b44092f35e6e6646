using System.Runtime.InteropServices;
using ImSidecar.Client.Blocking;
using ImSidecar.Client.Chat;

namespace ImSidecar.Client.Commands;

/// <summary>imclient: a person chats until he quits, the input ends or a signal comes; 1: he was refused.</summary>
internal static class ChatCommand
{
    private const int Refused = 1;
    private const int Interrupted = 130;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(8);

    public static async Task<int> RunAsync(string[] arguments, TextReader input)
    {
        var options = await ChatOptions.ReadAsync(CommandLine.Parse(arguments, ChatOptions.Flags, ChatOptions.Lists));
        var screen = Screen.OfConsole();
        using var leaving = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => OnSignal(signal, leaving));
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => OnSignal(signal, leaving));

        var trace = options.IsVerbose ? new SipTrace(Console.Error) : null;
        await using var handset = new Handset(options.Handset with { Observer = trace is null ? null : trace.Write })
        {
            Blocked = options.Blocked.Local,
        };
        await using var registration = new Registration(handset, screen);
        using var remote = options.Blocked.Xcap is { } xcap ? new XcapBlockList(xcap) : null;
        var fetching = FetchAsync(handset, options, remote, screen);
        var starting = registration.StartAsync();
        if (!await IsDoneAsync(starting, leaving.Token))
            return 0;

        var answer = await starting;
        if (!answer.IsSuccess)
        {
            screen.Warn(answer.Status is 401 or 407 && !answer.IsLocal
                ? $"wrong password, or no such user: {options.Handset.AddressOfRecord} ({Refusal.Of(answer)})"
                : $"{options.Handset.AddressOfRecord} is not registered: {Refusal.Of(answer)}");
            return Refused;
        }

        screen.Tell($"registered as {options.Handset.AddressOfRecord}");
        if (!await IsRelayedAsync(handset, options, screen))
            return Refused;

        await fetching;
        return await ChatAsync(new(handset, options, remote, screen), screen, input, leaving.Token);
    }

    private static async Task<bool> IsDoneAsync(Task task, CancellationToken leaving)
    {
        await task.WaitAsync(leaving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return task.IsCompleted;
    }

    private static async Task<int> ChatAsync(
        ChatConsole console, Screen screen, TextReader input, CancellationToken leaving)
    {
        _ = console.AnswerAsync();
        _ = console.ShowMessagesAsync();
        var entering = console.EnterAsync();
        try
        {
            if (!await entering.WaitAsync(leaving))
                return Refused;

            await foreach (var typed in TypedLines.Of(input, screen).ReadAllAsync(leaving))
            {
                if (await TryAsync(console, screen, typed))
                    break;
            }
        }
        catch (OperationCanceledException)
        {
            // A signal: leave as after /quit.
        }

        screen.ShowTyped(null);
        await Task.WhenAny(console.LeaveAsync(), Task.Delay(_patience, CancellationToken.None));
        return 0;
    }

    private static async Task<bool> TryAsync(ChatConsole console, Screen screen, string typed)
    {
        try
        {
            return await console.RunAsync(ChatInput.Read(typed));
        }
        catch (Exception error) when (error is UsageException or XcapException or InvalidOperationException
            or IOException or System.Net.Sockets.SocketException or OperationCanceledException)
        {
            screen.Warn(PlainText.Line(error.Message));
            return false;
        }
    }

    private static async Task<bool> IsRelayedAsync(Handset handset, ChatOptions options, Screen screen)
    {
        if (options.Relay is not { } relay)
            return true;

        try
        {
            await handset.UseRelayAsync(relay);
            screen.Tell($"messages go through {string.Join(", ", relay.Relays.Select(each => each.Host))}");
            return true;
        }
        catch (Exception error) when (error is IOException or System.Net.Sockets.SocketException
            or System.Security.Authentication.AuthenticationException)
        {
            screen.Warn($"no relay: {PlainText.Line(error.Message)}");
            return false;
        }
    }

    private static async Task FetchAsync(
        Handset handset, ChatOptions options, XcapBlockList? remote, Screen screen)
    {
        if (remote is null)
            return;

        try
        {
            handset.Blocked = options.Blocked.Local.And(await remote.FetchAsync());
        }
        catch (XcapException error)
        {
            screen.Warn($"no block list: {PlainText.Line(error.Message)}");
        }

        if (handset.Blocked.Unread > 0)
        {
            screen.Warn($"{handset.Blocked.Unread} entries of the block list say nothing here: "
                + "they name other lists, or no user");
        }
    }

    // The first one leaves politely; who insists is gone at once.
    private static void OnSignal(PosixSignalContext signal, CancellationTokenSource leaving)
    {
        signal.Cancel = true;
        if (leaving.IsCancellationRequested)
            Environment.Exit(Interrupted);

        leaving.Cancel();
    }
}
