using ImSidecar.Client.Blocking;
using ImSidecar.Client.Calls;
using ImSidecar.Client.Commands;
using ImSidecar.Client.Messages;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Client.Chat;

/// <summary>What a person says at the keyboard, and who calls him: one room at a time.</summary>
internal sealed class ChatConsole(Handset handset, ChatOptions options, XcapBlockList? remote, Screen screen)
{
    private const string Help = """
        TEXT               to everybody in the room ("//" begins a text with "/")
        /whisper URI TEXT  to one of them          /nick [NAME]   what the others call you
        /who               who is in the room      /add URI       /remove URI
        /subscribe         /unsubscribe            watch the room, or not
        /join [URI]        /leave                  come back, or go; /accept and /reject who calls
        /block URI         /unblock URI  /blocked  your block list
        /quit              /help
        """;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    private readonly DeferredInbox _deferred = new();
    private ChatRoom? _room;
    private OutgoingCall? _calling;
    private IncomingCall? _caller;

    private ChatRoom Room => IsInRoom ? _room!
        : throw new UsageException("you are in no room: /join, or wait to be called");

    private bool IsInRoom => _room is { Call.Ended.IsCompleted: false };

    /// <summary>Enters what the command line names; false when it is refused.</summary>
    public Task<bool> EnterAsync()
    {
        var call = new InviteOptions
        {
            Subject = options.Subject,
            Headers = options.HidesIdentity ? [("Privacy", "id")] : [],
            Msrp = options.Msrp,
        };
        return options.Target is not { } target ? Task.FromResult(true)
            : options.With.Count > 0 ? EnterAsync(handset.StartGroup(target, options.With, call), null)
            : EnterAsync(handset.Invite(target, call), target);
    }

    /// <summary>True when that was the end.</summary>
    public async Task<bool> RunAsync(ChatInput input)
    {
        var (first, rest) = input.Split();
        switch (input.Verb)
        {
            case "" when input.Rest.Length == 0:
                break;
            case "":
                await Room.SayAsync(input.Rest);
                break;
            case "whisper" or "msg" when rest.Length > 0:
                await Room.WhisperAsync(Read(first), rest);
                break;
            case "nick":
                await Room.NickAsync(input.Rest);
                break;
            case "who":
                Room.ShowRoster();
                break;
            case "add" when first.Length > 0:
                await Room.AddAsync(Read(first));
                break;
            case "remove" when first.Length > 0:
                await Room.RemoveAsync(Read(first));
                break;
            case "subscribe":
                Room.Watch();
                break;
            case "unsubscribe":
                await Room.UnwatchAsync();
                break;
            case "join":
                await JoinAsync(first);
                break;
            case "leave":
                await LeaveAsync();
                break;
            case "accept":
                await AcceptAsync(_caller ?? throw new UsageException("nobody calls"));
                break;
            case "reject":
                await (_caller ?? throw new UsageException("nobody calls")).RejectAsync(603);
                _caller = null;
                break;
            case "block" or "unblock" when first.Length > 0:
                await ChangeBlockListAsync(input.Verb, Read(first));
                break;
            case "blocked":
                screen.Tell(handset.Blocked.Entries is { Length: > 0 } all
                    ? string.Join(", ", all.Select(PlainText.Line)) : "nobody is blocked");
                break;
            case "help" or "?":
                foreach (var line in Help.Split('\n'))
                    screen.Tell(line);
                break;
            case "quit" or "exit" or "q":
                return true;
            default:
                throw new UsageException($"/{PlainText.Line(input.Verb)} is no command, or lacks something: /help");
        }

        return false;
    }

    /// <summary>Whoever calls is announced; who calls when we are in a room hears that we are busy.</summary>
    public async Task AnswerAsync()
    {
        await foreach (var incoming in handset.IncomingCalls.ReadAllAsync())
        {
            if (DeferredPush.IsOne(incoming))
                _ = TakeDeferredAsync(incoming);
            else if (incoming.Replaced is { } replaced && replaced == _room?.Call)
                await AcceptAsync(incoming);
            else if (IsInRoom || _caller is not null)
                await RefuseAsync(incoming);
            else
                await AnnounceAsync(incoming);
        }
    }

    // It stands beside the room, and nobody has to be asked: what comes is for us.
    private async Task TakeDeferredAsync(IncomingCall incoming)
    {
        var printer = new MessagePrinter(screen, handset.AddressOfRecord);
        if (await incoming.AcceptAsync(new() { Msrp = options.Deferred }) is not { Msrp: { } msrp })
            return;

        await foreach (var message in msrp.Messages.ReadAllAsync())
        {
            if (_deferred.TryTake(message, out var text))
                printer.Show(text);
        }
    }

    public async Task ShowMessagesAsync()
    {
        var printer = new MessagePrinter(screen, handset.AddressOfRecord);
        await foreach (var message in handset.Messages.ReadAllAsync())
            printer.Show(message);
    }

    public async Task LeaveAsync()
    {
        if (_calling is { } calling)
            await GiveUpAsync(calling);
        if (_caller is { } caller)
            await caller.RejectAsync(480);
        if (!IsInRoom || _room is not { } room)
            return;

        await room.LeaveAsync();
        screen.Tell($"you left {PlainText.Line(room.Identity)}");
    }

    // It may have been answered all the same.
    private static async Task GiveUpAsync(OutgoingCall calling)
    {
        await calling.CancelAsync();
        if ((await calling.Final).IsSuccess && await calling.Answered is { Ended.IsCompleted: false } call)
            await call.ByeAsync();
    }

    private string Read(string address) => Address.Read(address, options.Handset.Domain);

    private async Task JoinAsync(string address)
    {
        if (IsInRoom)
            throw new UsageException("you are in a room: /leave it first");

        var target = address.Length > 0 ? Read(address)
            : _room?.Identity ?? options.Target ?? throw new UsageException("/join URI");
        await EnterAsync(
            handset.Invite(target, new() { Msrp = options.Msrp }), target == options.Target ? target : null);
    }

    private async Task<bool> EnterAsync(OutgoingCall outgoing, string? target)
    {
        _calling = outgoing;
        _ = ShowProgressAsync(outgoing);
        try
        {
            var call = await outgoing.Answered;
            _calling = null;
            Enter(call, target);
            return true;
        }
        catch (CallRefusedException refused)
        {
            _calling = null;
            screen.Warn($"{PlainText.Line(outgoing.Request.RequestUri)}: {Refusal.Of(refused.Response)}");
            return false;
        }
    }

    private void Enter(Call call, string? target)
    {
        var room = new ChatRoom(handset, call, target, screen);
        _room = room;
        screen.Tell($"you are in {PlainText.Line(room.Identity)}");

        // IM 6.1.2.12/intro
        if (room.IsGroup)
            room.Watch();
        _ = SeeEndAsync(room);
    }

    private async Task SeeEndAsync(ChatRoom room)
    {
        var end = await room.Call.Ended;
        if (end.By == CallEndedBy.Us || _room != room)
            return;

        screen.Tell(end.By == CallEndedBy.Peer
            ? $"the session has ended{(end.Bye?["Reason"] is { } reason ? $": {PlainText.Line(reason)}" : "")}"
            : "the session has ended: the other side answers no more");
        await room.UnwatchAsync();
    }

    private async Task ShowProgressAsync(OutgoingCall outgoing)
    {
        await foreach (var response in outgoing.Provisionals.ReadAllAsync())
        {
            if (response.Status >= 180)
                screen.Tell(PlainText.Line(response.Reason));
        }
    }

    private async Task AnnounceAsync(IncomingCall incoming)
    {
        _caller = incoming;
        var subject = incoming.Invite["Subject"] is { Length: > 0 } text ? $", {PlainText.Line(text)}" : "";
        screen.Tell($"{Caller(incoming)} calls{subject}: /accept or /reject");
        await incoming.RingAsync();
        _ = SeeCancelAsync(incoming);
    }

    private async Task SeeCancelAsync(IncomingCall incoming)
    {
        await incoming.Cancelled;
        if (Interlocked.CompareExchange(ref _caller, null, incoming) == incoming)
            screen.Tell($"{Caller(incoming)} calls no more");
    }

    private async Task RefuseAsync(IncomingCall incoming)
    {
        screen.Tell($"{Caller(incoming)} called; he was told that you are busy");
        await incoming.RejectAsync(486);
    }

    private async Task AcceptAsync(IncomingCall incoming)
    {
        Interlocked.CompareExchange(ref _caller, null, incoming);
        if (await incoming.AcceptAsync(new() { Msrp = options.Msrp }) is not { } call)
        {
            screen.Warn("the call was gone, or cannot be taken");
            return;
        }

        // Our 200 and a SUBSCRIBE may overtake each other: with the ACK we are known to be there.
        await Task.WhenAny(call.Acknowledged, call.Ended, Task.Delay(_patience));
        Enter(call, null);
    }

    private string Caller(IncomingCall incoming)
    {
        var from = incoming.Invite.Address("From");
        var by = incoming.Invite.Address("Referred-By") is { } inviter ? $" (asked by {Marked(inviter)})" : "";
        return from is null ? "somebody" : Marked(from) + by;
    }

    private string Marked(NameAddress who) =>
        PlainText.Line(who.Uri.Bare.Text) + (handset.Blocked.IsBlocked(who.Uri) ? " [blocked]" : "");

    private async Task ChangeBlockListAsync(string verb, string uri)
    {
        if (remote is null)
            throw new UsageException("there is no list to change: --xcap names none");

        _ = SipUri.TryParse(uri, out var user);
        var hasChanged = verb == "block" ? await remote.BlockAsync(user) : await remote.UnblockAsync(user);
        handset.Blocked = options.Blocked.Local.And(remote.List);
        screen.Tell(hasChanged ? $"{uri} is {verb}ed" : $"{uri} was {verb}ed already");
    }
}
