using System.Net.Sockets;
using System.Text;
using ImSidecar.Client.Calls;
using ImSidecar.Client.Msrp;
using ImSidecar.Client.Sip;
using ImSidecar.Client.Subscriptions;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Client.Chat;

/// <summary>One conversation: a call with its messages and, of a focus, its conference state.</summary>
internal sealed class ChatRoom
{
    // The side that connects may be the other one: who types at once need not know.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);

    private readonly Handset _handset;
    private readonly Screen _screen;
    private readonly RosterPrinter _roster;
    private readonly MessagePrinter _messages;
    private ConferenceWatch? _watch;

    /// <param name="identity">The group, or null: the session identity that the server gave.</param>
    public ChatRoom(Handset handset, Call call, string? identity, Screen screen)
    {
        _handset = handset;
        _screen = screen;
        _roster = new(screen);
        _messages = new(screen, handset.AddressOfRecord);
        Call = call;
        IsGroup = (call.IsCaller ? call.Answer : call.Invite).Contact?.Parameter("isfocus") is not null;
        Identity = identity ?? (IsGroup ? call.SessionIdentity : Peer);
        _ = ReadMessagesAsync();
        _ = ReadReferralsAsync();
    }

    public Call Call { get; }

    /// <summary>Whom or what we talk to.</summary>
    public string Identity { get; }

    /// <summary>The peer is a focus, RFC 4579: it has a roster.</summary>
    public bool IsGroup { get; }

    public bool IsWatched => _watch is { Ended.IsCompleted: false };

    private string Peer => Call.Invite.Address(Call.IsCaller ? "To" : "From")?.Uri.Bare.Text ?? "";

    /// <summary>A text for everybody in the room.</summary>
    public async Task SayAsync(string text) =>
        Report(await SendAsync(IsGroup ? Call.SessionIdentity : Peer, text));

    /// <summary>A text for one of them.</summary>
    public async Task WhisperAsync(string to, string text) => Report(await SendAsync(to, text));

    public async Task NickAsync(string name)
    {
        var status = await Call.NicknameAsync(name);
        if (status == 200)
            _screen.Tell(name.Length > 0 ? $"you are called {PlainText.Line(name)} now" : "you have no nickname now");
        else
            _screen.Warn($"no nickname: {MsrpReason.Of(status)}");
    }

    public async Task AddAsync(string uri) => Report(await Call.ReferAsync($"<{uri}>"), $"adding {uri}");

    public async Task RemoveAsync(string uri) =>
        Report(await Call.ReferAsync($"<{uri};method=BYE>"), $"removing {uri}");

    public void ShowRoster()
    {
        if (!IsWatched)
            _screen.Warn("the room is not watched: /subscribe");
        _roster.ShowAll(_handset.Blocked.IsBlocked);
    }

    /// <summary>IM 6.1.2.12: the group or the session is watched until told otherwise.</summary>
    public void Watch()
    {
        if (IsWatched)
            return;

        _watch = _handset.Watch(Identity);
        _ = ReadRosterAsync(_watch);
    }

    // IM 6.1.2.12/term
    public Task UnwatchAsync() => _watch?.UnsubscribeAsync() ?? Task.CompletedTask;

    /// <summary>Nobody watches or calls any more.</summary>
    public async Task LeaveAsync()
    {
        await UnwatchAsync();
        if (!Call.Ended.IsCompleted)
            await Call.ByeAsync();
    }

    private async Task<MsrpSendResult> SendAsync(string to, string text)
    {
        var msrp = Call.Msrp ?? throw new InvalidOperationException("the call has no MSRP session");
        try
        {
            await msrp.Connected.WaitAsync(_patience);
        }
        catch (Exception error) when (error is SocketException or TimeoutException)
        {
            return new("", MsrpStatus.Timeout, 0);
        }

        var isPlain = msrp.Remote is { } peer && peer.AcceptTypes.Contains("text/plain")
            && !peer.AcceptTypes.Contains("message/cpim") && !peer.AcceptTypes.Contains("*");
        return isPlain
            ? await msrp.SendAsync("text/plain", Encoding.UTF8.GetBytes(text))
            : await msrp.SendTextAsync(_handset.AddressOfRecord, to, text);
    }

    private void Report(MsrpSendResult sent)
    {
        if (!sent.IsSuccess)
            _screen.Warn($"not delivered: {MsrpReason.Of(sent.Status)}");
    }

    private void Report(SipMessage answer, string what)
    {
        if (answer.IsSuccess)
            _screen.Tell(what);
        else
            _screen.Warn($"{what}: {Refusal.Of(answer)}");
    }

    private async Task ReadMessagesAsync()
    {
        if (Call.Msrp is not { } msrp)
            return;

        try
        {
            await msrp.Connected;
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException)
        {
            _screen.Warn($"no way for messages: {error.Message}");
            return;
        }

        await foreach (var message in msrp.Messages.ReadAllAsync())
            _messages.Show(message, Peer, IsGroup, _roster.NameOf);
    }

    private async Task ReadRosterAsync(ConferenceWatch watch)
    {
        await foreach (var told in watch.Notifications.ReadAllAsync())
            _roster.Show(told);

        var end = await watch.Ended;
        if (end.Refusal is { } refusal)
            _screen.Warn($"the room cannot be watched: {Refusal.Of(refusal)}");
        else if (!Call.Ended.IsCompleted)
            _screen.Tell($"the room is watched no more: {PlainText.Line(end.Reason)}");
    }

    // What comes of a REFER is told by NOTIFY within the call, RFC 3515: of interest is how it ends.
    private async Task ReadReferralsAsync()
    {
        await foreach (var request in Call.Requests.ReadAllAsync())
        {
            var line = request.Method == "NOTIFY" ? request.Text.Split('\r', '\n')[0] : "";
            if (line is ['S', 'I', 'P', '/', '2', '.', '0', ' ', >= '3' and <= '6', ..])
                _screen.Warn($"that did not work: {PlainText.Line(line[8..])}");
        }
    }
}
