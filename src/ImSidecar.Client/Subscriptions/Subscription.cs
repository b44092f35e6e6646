using System.Globalization;
using System.Threading.Channels;
using ImSidecar.Client.Sip;
using ImSidecar.Client.Sip.Transactions;
using ImSidecar.Client.Sip.Transport;
using ImSidecar.Protocol.ConferenceInfo;

namespace ImSidecar.Client.Subscriptions;

/// <summary>One subscription in a dialog of its own, RFC 6665 4.1.</summary>
public sealed class Subscription : IDialogUsage
{
    private readonly TaskCompletionSource<SipMessage> _answered =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly TaskCompletionSource<Notification> _terminated =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly Channel<Notification> _notifications = Channel.CreateUnbounded<Notification>();
    private readonly Lock _gate = new();
    private readonly UserAgent _agent;
    private readonly SubscribeOptions _options;
    private SipMessage _first;
    private IReadOnlyList<ConferenceUser>? _roster;

    internal Subscription(UserAgent agent, string uri, SubscribeOptions options, SipFlow hop)
    {
        _agent = agent;
        _options = options;
        // IM 6.1.2.12/2, IM 6.1.2.12/3: a Call-ID and a tag of its own, whatever dialogs there are.
        _first = Create(agent.CreateRequest(options.Method, uri), options.Seconds);
        CallId = _first.CallId;
        LocalTag = _first.FromTag!;
        _agent.Add(this);
        _ = StartAsync(hop);
    }

    public string CallId { get; }

    public string LocalTag { get; }

    /// <summary>Null until the first answer or NOTIFY.</summary>
    public Dialog? Dialog { get; private set; }

    /// <summary>What all documents together tell.</summary>
    public ConferenceView View { get; } = new();

    /// <summary>The final answer to the first SUBSCRIBE.</summary>
    public Task<SipMessage> Answered => _answered.Task;

    public ChannelReader<Notification> Notifications => _notifications.Reader;

    /// <summary>The NOTIFY that ended the subscription.</summary>
    public Task<Notification> Terminated => _terminated.Task;

    /// <summary>A SUBSCRIBE within the dialog; a CSeq of one's own choice may be wrong on purpose.</summary>
    public async Task<SipMessage> RefreshAsync(
        int? seconds = 3600, uint? cseq = null, params IReadOnlyList<(string Name, string? Value)> headers)
    {
        var dialog = Dialog ?? throw new InvalidOperationException("the subscription has no dialog yet");
        var refresh = Create(dialog.CreateRequest("SUBSCRIBE", cseq ?? dialog.NextCSeq()), seconds);
        UserAgent.Override(refresh, headers);
        var hop = await dialog.NextHopAsync(_agent.Options.Transport, CancellationToken.None);
        return await _agent.RequestAsync(refresh, hop, dialog.NextCSeq);
    }

    public Task<SipMessage> UnsubscribeAsync() => RefreshAsync(0);

    void IDialogUsage.OnRequest(ServerTransaction transaction)
    {
        var request = transaction.Request;
        if (request.Method != "NOTIFY")
        {
            _ = transaction.RespondAsync(transaction.CreateResponse(405).Add("Allow", "NOTIFY"));
            return;
        }

        lock (_gate)
            Dialog ??= Dialog.OfNotifier(_first, request);
        if (_terminated.Task.IsCompleted)
        {
            _agent.OnViolation(ProtocolViolation.Of("RFC 6665 4.2.2", "NOTIFY after the last one", request));
            _ = transaction.RespondAsync(481);
        }
        else if (Dialog is not { } dialog || request.FromTag != dialog.RemoteTag)
        {
            _ = transaction.RespondAsync(481);
        }
        else if (!dialog.Accepts(request))
        {
            _agent.OnViolation(ProtocolViolation.Of("RFC 3261 12.2.2", "CSeq is not higher than the last", request));
            _ = transaction.RespondAsync(500);
        }
        else
        {
            dialog.RemoteTarget = request.Contact?.Uri.Text ?? dialog.RemoteTarget;
            Take(transaction, request);
        }
    }

    void IDialogUsage.OnAck(SipMessage ack)
    {
    }

    void IDialogUsage.OnLateAnswer(SipMessage response)
    {
    }

    // A NOTIFY that was first has made the dialog already, RFC 6665 4.1.3.
    private void Establish(SipMessage response)
    {
        Dialog ??= Dialog.OfCaller(_first, response);
        // IM 6.1.2.12/ok-1
        if (Dialog is { } dialog && response.Contact is { } server)
            dialog.RemoteTarget = server.Uri.Text;
    }

    private void Take(ServerTransaction transaction, SipMessage request)
    {
        if (!IsOurs(request["Event"] ?? ""))
            _agent.OnViolation(ProtocolViolation.Of("RFC 6665 4.1.3", "another Event", request));

        var notification = Read(request);
        var status = _options.Answer?.Invoke(notification) ?? (notification.IsUnreadable ? 400 : 200);
        if (status != 0)
            _ = transaction.RespondAsync(status);
        _notifications.Writer.TryWrite(notification);
        if (!notification.IsTerminated)
            return;

        _terminated.TrySetResult(notification);
        _notifications.Writer.TryComplete();
        _ = ForgetAsync();
    }

    // The package, and the id if we gave one.
    private bool IsOurs(string told)
    {
        var asked = _options.Event.Split(';');
        var parts = told.Split(';', StringSplitOptions.TrimEntries);
        return parts[0].Equals(asked[0], StringComparison.OrdinalIgnoreCase)
            && asked.Where(each => each.StartsWith("id=", StringComparison.Ordinal)).All(parts.Contains);
    }

    private async Task ForgetAsync()
    {
        await _agent.Layer.DelayAsync(_agent.Options.Timers.Transaction);
        _agent.Remove(this);
    }

    // IM 6.1.2.12/notify-1
    private Notification Read(SipMessage request)
    {
        var told = new Notification(request) { Blocked = _agent.Blocked, Former = _roster, Roster = _roster ?? [] };
        var body = BodyPart.Find(request, ConferenceInfoXml.MediaType);
        if (body.IsEmpty)
            return told;

        if (!ConferenceInfoXml.TryParse(body, out var document))
        {
            _agent.OnViolation(ProtocolViolation.Of("RFC 4575 5", "the document cannot be read", request));
            return told with { IsUnreadable = true };
        }

        var passedBy = _roster is null ? [] : PassedBy(document);
        var outcome = View.Apply(document);
        if (outcome is ViewOutcome.Gap or ViewOutcome.Outdated)
            _agent.OnViolation(ProtocolViolation.Of("RFC 4575 4.6", $"version {document.Version}: {outcome}", request));
        else
            _roster = [.. View.Roster];
        return told with
        {
            Document = document,
            Outcome = outcome,
            Description = View.Description,
            Conference = View.State,
            Roster = _roster ?? [],
            PassedBy = passedBy,
        };
    }

    private List<ConferenceUser> PassedBy(ConferenceInfo document) =>
        [.. document.Users?.List.Where(user => !View.Users.ContainsKey(user.Entity) && HasLeft(user)) ?? []];

    private static bool HasLeft(ConferenceUser user) => !user.Endpoints.IsEmpty
        && user.Endpoints.All(endpoint => endpoint.Status == EndpointStatus.Disconnected);

    private SipMessage Create(SipMessage subscribe, int? seconds)
    {
        subscribe.Add("Event", _options.Event).Add("Contact", _agent.ContactHeader);
        if (seconds is { } expires)
            subscribe.Add("Expires", string.Create(CultureInfo.InvariantCulture, $"{expires}"));
        if (_options.Accept is { } accept)
            subscribe.Add("Accept", accept);
        // IM 6.1.2.12/1
        if (_options.IsForConference)
            subscribe.Add("Accept-Contact", "*;+g.oma.sip-im");
        if (_options.Body is var (type, content))
            subscribe.WithBody(type, content);
        UserAgent.Override(subscribe, _options.Headers);
        return subscribe;
    }

    private async Task StartAsync(SipFlow hop)
    {
        var response = await _agent.Start(_first, hop).Final;
        if (_agent.Authorized(_first, response, null) is { } authorized)
        {
            _first = authorized;
            response = await _agent.Start(_first, hop).Final;
        }

        if (response.IsSuccess)
        {
            lock (_gate)
                Establish(response);
        }
        else
        {
            _agent.Remove(this);
            _notifications.Writer.TryComplete();
        }

        _answered.TrySetResult(response);
    }
}
