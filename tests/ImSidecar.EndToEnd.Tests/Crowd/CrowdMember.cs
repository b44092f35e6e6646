using System.Net;
using ImSidecar.Client.Sip;
using ImSidecar.Client.Sip.Transport;

namespace ImSidecar.EndToEnd.Tests.Crowd;

/// <summary>A user of a crowd: at most one session, one subscription and one MSRP leg.</summary>
internal sealed class CrowdMember(string user, CrowdWire wire)
{
    public static readonly IPEndPoint Core = new(IPAddress.Loopback, 5070);

    private readonly TaskCompletionSource _joined = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _tag = Token.New(10);
    private (SipMessage Invite, SipFlow Flow)? _ringing;

    public string User => user;

    public string AddressOfRecord { get; } = $"sip:{user}@example.com";

    public CrowdWire Wire => wire;

    /// <summary>More for the Contact, within its angle brackets; a long one makes rosters large.</summary>
    public string ContactParameters { get; init; } = "";

    public string Contact => $"<sip:{user}@{wire.Local}{wire.Parameters}{ContactParameters}>";

    /// <summary>What is registered: the Contact without its length, for Kamailio binds 255 characters.</summary>
    public string Binding => $"<sip:{user}@{wire.Local}{wire.Parameters}>";

    /// <summary>The final status of an INVITE that comes in; 0: it rings until <see cref="PickUp"/>.</summary>
    public int Answer { get; set; } = 200;

    /// <summary>Gets NOTIFYs and answers none.</summary>
    public bool IsMute { get; set; }

    /// <summary>False: SIP only, no MSRP connection is made.</summary>
    public bool Connects { get; init; } = true;

    public Dialog? Session { get; private set; }

    /// <summary>The session identity: the Contact of the focus.</summary>
    public string? Focus => Session?.RemoteTarget;

    /// <summary>In the session, by an ACK as an invitee or a 200 as the inviter.</summary>
    public Task Joined => _joined.Task;

    public bool IsIn => _joined.Task.IsCompleted && Session is not null;

    /// <summary>The focus ended it.</summary>
    public bool WasSentAway { get; private set; }

    /// <summary>Called, and has not answered yet.</summary>
    public bool IsRinging => _ringing is not null && Session is null;

    public CrowdLeg Leg { get; } = new();

    public CrowdWatch Watch { get; } = new();

    /// <summary>What the server did wrong.</summary>
    public List<string> Faults { get; } = [];

    public SipFlow CoreHop => new(wire.Transport, Core);

    /// <summary>Starts a group; the final answer.</summary>
    public Task<SipMessage> InviteAsync(IEnumerable<string> recipients, string? displayName = null) =>
        EnterAsync(CrowdMessages.Invite(this, recipients, Leg.Offer(), displayName));

    /// <summary>Calls a group that is there; the final answer.</summary>
    public Task<SipMessage> CallAsync(string group) => EnterAsync(CrowdMessages.Call(this, group, Leg.Offer()));

    public async Task<SipMessage> LeaveAsync()
    {
        var dialog = Session!;
        Session = null;
        Leg.Dispose();
        return await wire.RequestAsync(dialog.CreateRequest("BYE"), await HopAsync(dialog));
    }

    /// <summary>A re-INVITE that changes nothing: the refresh of the session.</summary>
    public async Task<SipMessage> RefreshAsync()
    {
        var dialog = Session!;
        var refresh = CrowdMessages.Refresh(this, dialog, Leg.Description);
        var hop = await HopAsync(dialog);
        var answer = await wire.RequestAsync(refresh, hop);
        if (answer.IsSuccess)
            wire.SendAck(dialog.CreateRequest("ACK", refresh.CSeq), hop);
        return answer;
    }

    /// <summary>A subscription to the state of the session; the final answer.</summary>
    public async Task<SipMessage> SubscribeAsync(int seconds = 3600)
    {
        var subscribe = CrowdMessages.Subscribe(this, Focus!, seconds);
        Watch.Begin(subscribe);
        var answer = await wire.RequestAsync(subscribe, CoreHop);
        Watch.Answered(subscribe, answer);
        return answer;
    }

    public void PickUp()
    {
        Answer = 200;
        OnInvite(_ringing!.Value.Invite, _ringing.Value.Flow);
    }

    public void OnRequest(SipMessage request, SipFlow flow)
    {
        switch (request.Method)
        {
            case "INVITE":
                OnInvite(request, flow);
                break;
            case "ACK":
                if (wire.Acknowledged(request.CallId))
                    _joined.TrySetResult();
                break;
            case "BYE":
                wire.Answer(CrowdMessages.Answer(request, 200, _tag), flow);
                WasSentAway |= request.CallId == Session?.CallId;
                Session = null;
                Leg.Dispose();
                break;
            case "NOTIFY":
                var (status, fault) = Watch.Take(request);
                if (fault is not null)
                    Faults.Add($"{user}: {fault}");
                if (!IsMute)
                    wire.Answer(CrowdMessages.Answer(request, status, _tag), flow);
                break;
            default:
                wire.Answer(CrowdMessages.Answer(request, request.Method == "CANCEL" ? 200 : 405, _tag), flow);
                break;
        }
    }

    private async Task<SipMessage> EnterAsync(SipMessage invite)
    {
        var answer = await wire.RequestAsync(invite, CoreHop);
        if (!answer.IsSuccess || Dialog.OfCaller(invite, answer) is not { } dialog)
            return answer;

        Session = dialog;
        wire.SendAck(dialog.CreateRequest("ACK", invite.CSeq), await HopAsync(dialog));
        _joined.TrySetResult();
        if (Connects)
            await Leg.ConnectAsync(answer.SdpBody);
        return answer;
    }

    private void OnInvite(SipMessage request, SipFlow flow)
    {
        if (request.ToTag is null && Session is { } session && session.CallId != request.CallId)
            Faults.Add($"{user} was invited twice");

        if (request.ToTag is null && Answer is not 200)
        {
            _ringing = (request, flow);
            wire.Answer(CrowdMessages.Answer(request, Answer == 0 ? 180 : Answer, _tag), flow);
            return;
        }

        var isFirst = request.ToTag is null && Session is null;
        if (isFirst)
            Session = Dialog.OfCalled(request, _tag);
        var answer = CrowdMessages.Answer(request, 200, _tag)
            .Add("Contact", Contact)
            .WithBody("application/sdp", Leg.AnswerTo(request.SdpBody, isFirst));
        wire.Accept(answer, flow);
        if (isFirst && Connects)
            _ = Leg.ConnectAsync(request.SdpBody);
    }

    private ValueTask<SipFlow> HopAsync(Dialog dialog) => dialog.NextHopAsync(wire.Transport, CancellationToken.None);
}
