using System.Collections.Concurrent;
using System.Diagnostics;
using ImSidecar.Core.Conferences;
using ImSidecar.Msrp;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;
using ImSidecar.Server.Deferred;
using ImSidecar.Server.Gateway;
using ImSidecar.Server.Lifecycle;
using ImSidecar.Server.Participating;
using ImSidecar.Server.Stores;
using ImSidecar.Server.Telemetry;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Hosting;

/// <summary>Finds the aggregate that an event concerns and puts it into its mailbox; decides nothing.</summary>
internal sealed class AggregateRouter
{
    private static readonly AggregateId _none = new("none");

    private readonly ConcurrentDictionary<AggregateId, Mailbox> _mailboxes = new();
    private readonly TransactionTable _transactions = new();
    private readonly ConferenceIds _ids;
    private readonly DocumentIds _documents;
    private readonly ServedUserIds _served;
    private readonly MessageIds _messages;
    private readonly DeferredIds _deferred;
    private readonly DeferredSessions _deferredSessions;
    private readonly EffectRunner _effects;
    private readonly Drain _drain;
    private readonly Placement _placement;
    private readonly MailboxServices _services;

    public AggregateRouter(
        ConferenceIds ids,
        DocumentIds documents,
        ServedUserIds served,
        MessageIds messages,
        DeferredIds deferred,
        DeferredSessions deferredSessions,
        DeferredEffects deferredEffects,
        IAggregateStore store,
        StoreHealth storeHealth,
        AggregateKinds kinds,
        EffectRunner effects,
        TimerWheel wheel,
        LinkRegistry links,
        Placement placement,
        Drain drain,
        Live<OperatorPolicy> policy,
        MediaIdentity identity,
        ConferenceDirectory directory,
        TimeProvider time,
        ILogger<AggregateRouter> logger)
    {
        _ids = ids;
        _documents = documents;
        _served = served;
        _messages = messages;
        _deferred = deferred;
        _deferredSessions = deferredSessions;
        Resumption = new(_transactions);
        _effects = effects;
        _drain = drain;
        _placement = placement;
        placement.GoesTo(PostAgain);
        _services = new(
            this, store, storeHealth, kinds, effects, deferredEffects, wheel, links, policy, identity, directory.Traces,
            time, logger);
    }

    /// <summary>What is still to be loaded, and what waits for that.</summary>
    public Resumption Resumption { get; }

    public int Count => _mailboxes.Count;

    /// <summary>What peers have still to say on where their sessions are.</summary>
    public ReinvitesInFlight Reinvites => _services.Reinvites;

    /// <summary>Mailboxes that wait for a turn.</summary>
    public int Queued => _services.Runner.Queued;

    /// <summary>Of the request whose transaction it is; null: nothing is known of it.</summary>
    public string? MethodOf(string transaction) => _transactions.MethodOf(transaction);

    /// <summary>An aggregate as it was saved last; null when this node has none of that id.</summary>
    public Aggregate? Peek(AggregateId id) => _mailboxes.GetValueOrDefault(id)?.Current;

    /// <summary>For what concerns an aggregate only as long as there is one; false when there is none.</summary>
    public bool TryPost(AggregateId id, AggregateEvent happened) =>
        _mailboxes.TryGetValue(id, out var mailbox)
            ? mailbox.TryPost(new Happened(happened, null))
            : Resumption.TryHold(id.Value, () => TryPost(id, happened));

    /// <summary>Something that this node itself has to say, to an aggregate that may not be there yet.</summary>
    public void Post(AggregateId id, AggregateEvent happened, Activity? continues = null) =>
        Post(id, new Happened(happened, null) { Continues = continues });

    /// <summary>The same; ends when it has been dealt with, or when the store has to be waited for.</summary>
    public Task PostAndSettleAsync(AggregateId id, AggregateEvent happened)
    {
        Post(id, happened);
        return _mailboxes.TryGetValue(id, out var mailbox) ? mailbox.WhenIdle() : Task.CompletedTask;
    }

    /// <summary>The same for an aggregate that is there; false when it is not.</summary>
    public async Task<bool> TryPostAndSettleAsync(AggregateId id, AggregateEvent happened)
    {
        if (!_mailboxes.TryGetValue(id, out var mailbox) || !mailbox.TryPost(new Happened(happened, null)))
            return false;

        await mailbox.WhenIdle();
        return true;
    }

    /// <summary>Without a receipt: one aggregate is done with the request, and another one decides on it next.</summary>
    public async ValueTask PostAsync(
        ImRequest request, EventReceipt? receipt, CancellationToken cancellation, Activity? continues = null)
    {
        if (IdOf(request) is not { } id)
            await RefuseUnknownAsync(request, cancellation);
        else if (_placement.TryTake(id, new Happened(new RequestArrived(request), receipt) { Continues = continues }))
            return;
        else if (_drain.IsOn && NewWork.IsAskedFor(request, id) && !IsUnderWay(id))
            await RefuseForDrainAsync(request, cancellation);
        else
        {
            // What goes on has no reply of ours, and nothing of it is awaited.
            if (request is not PassingRequest)
                _transactions.Add(request, id);
            Post(id, new Happened(new RequestArrived(request), receipt) { Continues = continues });
            return;
        }

        receipt?.Confirm();
    }

    // It names nothing of ours: the rules refuse it, there is no state to save.
    private async ValueTask RefuseUnknownAsync(ImRequest request, CancellationToken cancellation)
    {
        var facts = new Facts
        {
            Now = _services.Time.GetUtcNow(),
            Entropy = default,
            Operator = _services.Policy,
            SecureMedia = _services.Identity.Current,
        };
        foreach (var effect in ConferenceMachine.Apply(null, _none, new RequestArrived(request), facts).Effects)
        {
            if (effect is Respond { Status.IsFinal: true } answer)
                Instruments.Answered(request.Method, answer.Status.Code);
            await _effects.PerformAsync(effect, null, null, null, isQuiet: false, cancellation);
        }
    }

    private async ValueTask RefuseForDrainAsync(ImRequest request, CancellationToken cancellation)
    {
        _drain.OnRefused();
        Instruments.Refused("drain");
        Instruments.Answered(request.Method, SipStatus.ServiceUnavailable.Code);
        var refusal = new Respond(request.Transaction, SipStatus.ServiceUnavailable, "Draining");
        await _effects.PerformAsync(refusal, null, null, null, isQuiet: false, cancellation);
    }

    public ValueTask PostAsync(
        AggregateId id, AggregateEvent happened, EventReceipt receipt, CancellationToken cancellation)
    {
        Post(id, new Happened(happened, receipt));
        return ValueTask.CompletedTask;
    }

    /// <summary>What names an aggregate without proof wakes none up that is not there.</summary>
    public ValueTask PostToKnownAsync(AggregateId id, AggregateEvent happened, EventReceipt receipt)
    {
        if (_placement.TryTake(id, new Happened(happened, receipt)))
            return ValueTask.CompletedTask;

        if (!_mailboxes.ContainsKey(id)
            && Resumption.TryHold(id.Value, () => PostToKnownAsync(id, happened, receipt).AsTask()))
            return ValueTask.CompletedTask;

        if (!_mailboxes.TryGetValue(id, out var mailbox) || !mailbox.TryPost(new Happened(happened, receipt)))
            receipt.Confirm();
        return ValueTask.CompletedTask;
    }

    public ValueTask PostByTransactionAsync(
        string transaction, AggregateEvent happened, EventReceipt receipt, CancellationToken cancellation)
    {
        if (Resumption.TryHold(
            transaction, () => PostByTransactionAsync(transaction, happened, receipt, cancellation).AsTask()))
            return ValueTask.CompletedTask;

        if (_transactions.Find(transaction) is { } id)
        {
            _transactions.OnEvent(transaction, happened);
            Post(id, new Happened(happened, receipt));
        }
        else
        {
            receipt.Confirm();
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>
    /// Kamailio may have restarted since our 2xx: then the ACK names no transaction, but still its INVITE.
    /// </summary>
    public ValueTask PostAcknowledgedAsync(
        InviteAcknowledged acknowledged, long cseq, EventReceipt receipt, CancellationToken cancellation)
    {
        if (acknowledged.Transaction is { } transaction)
            return PostByTransactionAsync(transaction, acknowledged, receipt, cancellation);

        if (_deferredSessions.Answering(acknowledged.Dialog) is null && Resumption.TryHold(
            acknowledged.Dialog.ToString(),
            () => PostAcknowledgedAsync(acknowledged, cseq, receipt, cancellation).AsTask()))
            return ValueTask.CompletedTask;

        var id = _deferredSessions.Answering(acknowledged.Dialog)
            ?? _ids.OfInvite(acknowledged.Dialog.CallId, acknowledged.Dialog.RemoteTag, cseq);
        return PostAsync(id, acknowledged, receipt, cancellation);
    }

    public ValueTask OnReplySentAsync(
        string transaction, int ordinal, int code, EventReceipt receipt, CancellationToken cancellation)
    {
        if (Resumption.TryHold(
            transaction, () => OnReplySentAsync(transaction, ordinal, code, receipt, cancellation).AsTask()))
            return ValueTask.CompletedTask;

        if (_transactions.Find(transaction) is { } id)
        {
            _transactions.OnReply(transaction, code);
            Post(id, new ReplyConfirmed(transaction, ordinal, receipt));
        }
        else
        {
            receipt.Confirm();
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>It has its answer, and the link will not say so.</summary>
    public void OnAnswered(Respond respond) => _transactions.OnReply(respond.Transaction, respond.Status.Code);

    /// <summary>
    /// A link attached: pending effects are performed again, and what boots of Kamailio that are over have lost is made
    /// good. Ends when every aggregate has dealt with it.
    /// </summary>
    public Task OnAttached(IReadOnlyList<string> ended) => TellAll(ended, performs: true);

    /// <summary>These boots of Kamailio are over; what they had in flight goes through another one.</summary>
    public Task OnBootsEnded(IReadOnlyList<string> ended) =>
        ended.Count > 0 ? TellAll(ended, performs: false) : Task.CompletedTask;

    private Task TellAll(IReadOnlyList<string> ended, bool performs)
    {
        foreach (var boot in ended)
            _transactions.OnEnded(boot);
        foreach (var mailbox in _mailboxes.Values)
        {
            foreach (var boot in ended)
                mailbox.TryPost(new BootEnded(boot));
            if (performs)
                mailbox.TryPost(new PerformPending());
        }

        return WhenIdle();
    }

    /// <summary>Nothing waits in any mailbox, or only for the store.</summary>
    public Task WhenIdle() => Task.WhenAll(_mailboxes.Values.Select(mailbox => mailbox.WhenIdle()));

    /// <summary>The link has repeated what this node missed: what is late now is late.</summary>
    public void OnCaughtUp() => Resumption.OnCaughtUp();

    /// <summary>
    /// What is stored under that id is in memory, has heard that the node started and has opened its legs; false: the store has to be waited for.
    /// </summary>
    public async Task<bool> ResumeAsync(AggregateId id)
    {
        Post(id, new Awaken());
        if (!_mailboxes.TryGetValue(id, out var mailbox))
            return true;

        await mailbox.WhenIdle();
        return mailbox.IsLoaded;
    }

    /// <summary>Something goes through a mailbox of its own, as everything does; ends when it is through.</summary>
    public Task ProbeAsync()
    {
        var mailbox = new Mailbox(_none, _services);
        mailbox.TryPost(new Wake(Stopping: false));
        return mailbox.WhenIdle();
    }

    /// <summary>Its mailbox may go on with it; that of a probe always.</summary>
    public bool IsMine(AggregateId id) => id == _none || _placement.IsMine(id);

    /// <summary>
    /// What is in these slots goes to another node, and is this one's no more already: when it returns nothing of it is in
    /// memory or being saved.
    /// </summary>
    public async Task GiveUpAsync(IReadOnlySet<Slot> slots, CancellationToken cancellation)
    {
        while (_mailboxes.Values.Where(each => slots.Contains(Slot.Of(each.Id))).ToList() is { Count: > 0 } leaving)
            await Task.WhenAll(leaving.Select(each => each.LeaveAsync())).WaitAsync(cancellation);
    }

    /// <summary>This node has lost everything: it is forgotten as it is, and what still runs saves nothing.</summary>
    public Task DropAllAsync() => Task.WhenAll(_mailboxes.Values.Select(each => each.DropAsync()));

    public void Forget(Mailbox mailbox) => _mailboxes.TryRemove(new(mailbox.Id, mailbox));

    /// <summary>
    /// Strikes off what is done and waits until nothing waits: a stopping node leaves nothing to be repeated.
    /// </summary>
    public async Task DrainAsync(CancellationToken cancellation)
    {
        foreach (var mailbox in _mailboxes.Values)
            mailbox.TryPost(new Wake(Stopping: true));
        foreach (var mailbox in _mailboxes.Values)
            await mailbox.WhenIdle().WaitAsync(cancellation);
    }

    private AggregateId? IdOf(ImRequest request) =>
        _served.Of(request) ?? _deferred.Of(request) ?? _messages.Of(request) ?? _documents.Of(request)
        ?? _ids.Of(request);

    private bool IsUnderWay(AggregateId id) =>
        _mailboxes.TryGetValue(id, out var mailbox) ? mailbox.IsUnderWay : Resumption.IsUnderway;

    /// <summary>It was set aside, and is somebody's now.</summary>
    public void PostAgain(AggregateId id, MailboxItem item)
    {
        if (item is Happened { Event: RequestArrived { Request: { } request } })
            _ = PostAsync(request, item.Receipt, CancellationToken.None, item.Continues).AsTask();
        else
            Post(id, item);
    }

    private void Post(AggregateId id, MailboxItem item)
    {
        while (!_placement.TryTake(id, item)
            && !_mailboxes.GetOrAdd(id, static (key, services) => new(key, services), _services).TryPost(item))
        {
        }
    }
}
