using System.Globalization;
using ImSidecar.Client.Calls;
using ImSidecar.Client.Messages;
using ImSidecar.Client.Sip;
using ImSidecar.Client.Subscriptions;

namespace ImSidecar.Client.Commands;

/// <summary>One handset at the command line: one call and one subscription at a time.</summary>
internal sealed class HandsetConsole : IAsyncDisposable
{
    private const string Help =
        "register [SECONDS] | group FACTORY URI,URI [SUBJECT] | extend FACTORY URI,URI [SUBJECT] | "
        + "invite URI [SUBJECT] | hide URI | cancel | ring | accept | refer URI | expel URI | reject [STATUS] | "
        + "say TEXT | nick [NAME] | whisper URI TEXT | subscribe [URI] | refresh [SECONDS] | unsubscribe | reinvite | bye | "
        + "options URI | " + MessageConsole.Help + " | " + PushConsole.Help + " | violations | quit";

    private readonly Handset _handset;
    private readonly EventWriter _events;
    private readonly HandsetReporter _reporter;
    private readonly MessageConsole _messages;
    private readonly PushConsole _pushes;
    private readonly Task _answering;
    private CancellationTokenSource? _registered;
    private OutgoingCall? _outgoing;
    private IncomingCall? _incoming;
    private Call? _call;
    private Subscription? _subscription;

    public HandsetConsole(Handset handset, EventWriter events)
    {
        _handset = handset;
        _events = events;
        _reporter = new(handset, events);
        _messages = new(handset, events);
        _pushes = new(events, _reporter);
        _answering = AnswerAsync();
    }

    public async Task RunAsync(string verb, string rest)
    {
        switch (verb)
        {
            case "register":
                var seconds = Number(rest, 600);
                var registered = await _handset.RegisterAsync(seconds);
                KeepRegistered(registered.IsSuccess ? seconds : 0);
                _events.Write("registered", ("status", registered.Status), ("reason", registered.Reason));
                break;
            case "group":
                StartGroup(rest.Split(' ', 3, StringSplitOptions.RemoveEmptyEntries));
                break;
            // Whom we talk to gives up that call for the group.
            case "extend":
                StartGroup(rest.Split(' ', 3, StringSplitOptions.RemoveEmptyEntries), Call.ReplacingUri);
                break;
            case "invite":
                var words = rest.Split(' ', 2);
                Watch(_handset.Invite(words[0], new() { Subject = words.Length > 1 ? words[1] : null }));
                break;
            case "hide":
                Watch(_handset.Invite(rest, new() { Headers = [("Privacy", "id")] }));
                break;
            case "refer":
                Report(verb, await Call.ReferAsync($"<{rest}>"));
                break;
            case "expel":
                Report(verb, await Call.ReferAsync($"<{rest};method=BYE>"));
                break;
            case "cancel":
                var cancelled = await (_outgoing ?? throw new UsageException("nothing to cancel")).CancelAsync();
                _events.Write("cancelled", ("status", cancelled?.Status));
                break;
            case "ring":
                await Incoming.RingAsync();
                break;
            case "accept":
                await AcceptAsync();
                break;
            case "reject":
                await Incoming.RejectAsync(Number(rest, 486));
                _incoming = null;
                break;
            case "say":
                await SayAsync(rest);
                break;
            case "nick":
                _events.Write("nick", ("status", await Call.NicknameAsync(rest)), ("name", rest));
                break;
            case "whisper":
                await WhisperAsync(rest.Split(' ', 2));
                break;
            case "subscribe":
                _subscription = _handset.Subscribe(rest.Length > 0 ? rest : Call.SessionIdentity);
                _ = _reporter.ReportAsync(_subscription);
                break;
            case "refresh" or "unsubscribe":
                var expires = verb == "refresh" ? Number(rest, 3600) : 0;
                Report(verb, await Subscription.RefreshAsync(expires));
                break;
            case "reinvite":
                Report(verb, await Call.ReinviteAsync());
                break;
            case "bye":
                Report(verb, await Call.ByeAsync());
                break;
            case "options":
                Report(verb, await _handset.OptionsAsync(rest));
                break;
            case "message" or "list" or "displayed":
                await _messages.RunAsync(verb, rest);
                break;
            case "deferred":
                _pushes.Set(rest);
                break;
            case "violations":
                _reporter.ReportViolations();
                break;
            case "help":
                _events.Write("help", ("text", Help));
                break;
            default:
                throw new UsageException($"unknown command; {Help}");
        }
    }

    /// <summary>Leaves nothing behind that would be called: a registrar remembers for minutes.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_registered is not null)
        {
            KeepRegistered(0);
            await _handset.RegisterAsync(0);
        }

        await _handset.DisposeAsync();
        await _answering;
    }

    private IncomingCall Incoming => _incoming ?? throw new UsageException("nobody calls");

    private Call Call => _call ?? throw new UsageException("there is no call");

    private Subscription Subscription => _subscription ?? throw new UsageException("there is no subscription");

    private static int Number(string text, int fallback) =>
        text.Length == 0 ? fallback
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw new UsageException($"{text} is not a number");

    // Registers again at half the time; zero stops it.
    private void KeepRegistered(int seconds)
    {
        _registered?.Cancel();
        _registered = seconds > 0 ? new() : null;
        if (_registered is not null)
            _ = RegisterAgainAsync(seconds, _registered.Token);
    }

    private async Task RegisterAgainAsync(int seconds, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(seconds / 2.0));
        while (!cancellation.IsCancellationRequested)
        {
            await timer.WaitForNextTickAsync(cancellation);
            await _handset.RegisterAsync(seconds);
        }
    }

    private void StartGroup(string[] words, params IEnumerable<string> first)
    {
        if (words.Length < 2)
            throw new UsageException("FACTORY URI,URI [SUBJECT]");

        var options = new InviteOptions { Subject = words.Length > 2 ? words[2] : null };
        Watch(_handset.StartGroup(words[0], [.. first, .. words[1].Split(',')], options));
    }

    private void Watch(OutgoingCall outgoing)
    {
        _outgoing = outgoing;
        _ = WatchAsync(outgoing);
    }

    private async Task WatchAsync(OutgoingCall outgoing) => _call = await _reporter.ReportAsync(outgoing) ?? _call;

    private async Task AnswerAsync()
    {
        await foreach (var incoming in _handset.IncomingCalls.ReadAllAsync())
        {
            if (await _pushes.TryAnswerAsync(incoming))
                continue;

            _incoming = incoming;
            _reporter.Report(incoming);
        }
    }

    private async Task AcceptAsync()
    {
        var incoming = Incoming;
        _incoming = null;
        if (await incoming.AcceptAsync() is not { } call)
        {
            _events.Write("ended", ("by", "nobody: the call was gone or its offer could not be taken"));
            return;
        }

        _call = call;
        _reporter.Report(call, "accepted");
    }

    private async Task SayAsync(string text)
    {
        var msrp = Call.Msrp ?? throw new UsageException("the call has no MSRP session");
        var sent = await msrp.SendTextAsync(_handset.AddressOfRecord, Call.SessionIdentity, text);
        _events.Write("sent", ("status", sent.Status), ("text", text));
    }

    private async Task WhisperAsync(string[] words)
    {
        if (words.Length < 2)
            throw new UsageException("whisper URI TEXT");

        var sent = await Call.SendPrivatelyAsync(words[0], words[1]);
        _events.Write("whispered", ("status", sent.Status), ("to", words[0]), ("text", words[1]));
    }

    private void Report(string verb, SipMessage response) =>
        _events.Write(verb, ("status", response.Status), ("reason", response.Reason));
}
