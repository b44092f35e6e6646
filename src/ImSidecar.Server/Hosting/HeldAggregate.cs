using System.Collections.Immutable;
using System.Diagnostics;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Messages;
using ImSidecar.Core.Notifications;
using ImSidecar.Core.Participating;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;
using ImSidecar.Server.Admin;
using ImSidecar.Server.Cluster;
using ImSidecar.Server.Gateway;
using ImSidecar.Server.Stores.Format;
using ImSidecar.Server.Telemetry;
using ImSidecar.Server.Telemetry.Tracing;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Hosting;

/// <summary>
/// The aggregate of a mailbox as it is saved, with what it still owes: decides, saves, performs. One batch at a time.
/// </summary>
internal sealed class HeldAggregate(Mailbox mailbox, MailboxServices services)
{
    private const int MaxSaveAttempts = 5;

    private static readonly SipResponse _tooLarge =
        new(new(513, "Message Too Large"), SipHeaders.Empty, default, IsLocal: true);

    private static readonly SipResponse _notSent =
        new(SipStatus.RequestTerminated, SipHeaders.Empty, default, IsLocal: true);

    private readonly AggregateId _id = mailbox.Id;
    private readonly IAggregateKind _kind = services.Kinds.Of(mailbox.Id.Kind);
    private readonly PendingEffects _pending = new();
    private readonly InvitationPace _pace = InvitationPace.Of(services.Policy);
    private Aggregate? _state;
    private NotifyRequests? _notifies;
    private DateTimeOffset _restsUntil;
    private DateTimeOffset _isPatientUntil;
    private readonly Lock _holding = new();
    private bool _hasBegun;
    private volatile bool _isLost;

    /// <summary>False when what is held may not be what is stored: the next batch loads it anew.</summary>
    public bool IsLoaded { get; private set; }

    /// <summary>There is no such aggregate, or no more.</summary>
    public bool IsNone => IsLoaded && _state is null;

    /// <summary>A session that is over is only remembered.</summary>
    public bool IsUnderWay => !IsLoaded || _state is { } state and not Conference { IsOver: true };

    /// <summary>As it was saved last; any thread may look.</summary>
    public Aggregate? Current => Volatile.Read(ref _state);

    public void Distrust() => IsLoaded = false;

    /// <summary>It is another node's: its legs are opened there, the peers connect anew.</summary>
    public void Release()
    {
        lock (_holding)
        {
            if (!_isLost)
                CloseLegs();
            Hold(null);
            IsLoaded = false;
        }
    }

    /// <summary>
    /// It was taken from this node: its legs close at once, whatever a batch that is being worked off waits for, and that one
    /// saves and sends nothing more.
    /// </summary>
    public void Lose()
    {
        lock (_holding)
        {
            if (_isLost)
                return;

            CloseLegs();
            _kind.OnHeld(_state, null);
            _isLost = true;
        }
    }

    private void CloseLegs() => services.Effects.CloseLegs(_state switch
    {
        Conference conference => conference.Participants.Values.Select(each => each.Leg?.Media.SessionId),
        DeferredSession session => [session.Leg?.Media.SessionId],
        _ => [],
    });

    /// <summary>A rule or a save that fails by itself is not to fail again at once.</summary>
    public void Rest() => _restsUntil = services.Time.GetUtcNow() + services.RetryDelay;

    /// <summary>Decides on all of the batch, saves once, confirms, performs.</summary>
    public async Task ProcessAsync(List<MailboxItem> batch)
    {
        NoteWait(batch);
        var trace = BatchTrace.Of(batch, _id);
        try
        {
            await ProcessAsync(batch, trace);
            trace?.End();
        }
        catch (Exception failure)
        {
            trace?.End(failure);
            throw;
        }
    }

    private async Task ProcessAsync(List<MailboxItem> batch, BatchTrace? trace)
    {
        for (var attempt = 1; ; attempt++)
        {
            ThrowIfLost();
            if (!IsLoaded)
                await LoadAsync(batch);

            for (var i = 0; i < batch.Count; i++)
                batch[i] = Translated(batch[i]);
            foreach (var item in batch)
                _pending.Answered(item);
            if (batch.Exists(item => item is CaughtUp))
                _isPatientUntil = default;

            var next = _state;
            List<Owed> owed = [];
            foreach (var item in batch)
                next = await ApplyAsync(item, next, owed);

            var isRouted = batch.Exists(IsNewsOfLinks) && TryRoute(owed);
            var began = DateTime.UtcNow;
            var isSaved = await TrySaveAsync(next, owed, batch.Exists(StrikesOff), isRouted);
            trace?.Passed("save", began);
            if (!isSaved)
            {
                // Another node wrote first: what was decided is void, decide again on what it wrote.
                IsLoaded = false;
                if (attempt == MaxSaveAttempts)
                    throw new InvalidOperationException("Another writer keeps this aggregate busy");
                continue;
            }

            foreach (var item in batch)
                item.Receipt?.Confirm();
            began = DateTime.UtcNow;
            if (batch.Exists(item => item is PerformPending))
                await PerformAgainAsync(owed);
            else
                await PerformAsync(owed);
            trace?.Passed("perform", began);
            ScheduleNext();
            NoteEnd(batch);
            return;
        }
    }

    private void NoteWait(List<MailboxItem> batch)
    {
        if (!Instruments.TimesEvents)
            return;

        foreach (var item in batch)
        {
            if (item.Receipt is { IsConfirmed: false } receipt)
                Instruments.Waited(Labels.Of(receipt.Kind), services.Time.GetElapsedTime(receipt.ArrivedAt));
        }
    }

    private void NoteEnd(List<MailboxItem> batch)
    {
        if (!Instruments.TimesEvents)
            return;

        foreach (var item in batch)
        {
            if (item.Receipt is { } receipt)
                Instruments.Settled(Labels.Of(receipt.Kind), services.Time.GetElapsedTime(receipt.ArrivedAt));
        }
    }

    /// <summary>Answers without a decision: what is answered so is not saved.</summary>
    public async ValueTask RespondAsync(ImRequest request, SipStatus status, string explanation) =>
        await PerformAsync(
            new Owed(new Respond(request.Transaction, status, explanation)) { Ends = request.Method }, null);

    // The link forgets a request of ours once its answer is confirmed: then it must not be pending any more.
    // ACK and CANCEL may be: what they belong to is known for longer, and without it they are not sent.
    private static bool StrikesOff(MailboxItem item) =>
        item is Wake or EventGivenUp or Happened
        {
            Event: ResponseArrived { Response.Status.IsFinal: true, Key.Method: not ("ACK" or "CANCEL") },
        };

    private async Task LoadAsync(List<MailboxItem> batch)
    {
        StoredAggregate? stored;
        try
        {
            stored = await services.Store.LoadAsync(_id, CancellationToken.None);
        }
        catch (StoredFormatException error)
        {
            throw new UnreadableConferenceException(error);
        }

        Hold(stored?.State);
        _pending.Load(stored?.Pending ?? []);
        IsLoaded = true;
        var isFirst = !_hasBegun;
        _hasBegun = true;
        if (isFirst && stored is not null)
            Resume(stored, batch);
        else
            NoteBoots(ended => mailbox.TryPost(ended));
    }

    // Nobody is late before the link has told what happened while the node was away, if it does so in time.
    private void Resume(StoredAggregate stored, List<MailboxItem> batch)
    {
        _isPatientUntil = services.Time.GetUtcNow() + services.Policy.TransactionDeadline;
        services.Router.Resumption.OnLoaded(mailbox, stored);
        List<MailboxItem> first = [new Happened(new NodeStarted(), null)];
        NoteBoots(first.Add);
        if (_pending.HasUnrouted && services.Router.Resumption.IsStart && services.Links.Boots.LastOver is { } over)
            first.Add(new BootEnded(over));
        batch.InsertRange(0, first);

        // A link that attaches later has all that is there perform what is pending.
        if (services.Links.Current is not null)
            batch.Add(new PerformPending());
    }

    // What a Kamailio has in flight that is not attached any more may never be answered.
    private void NoteBoots(Action<BootEnded> tell)
    {
        foreach (var boot in _pending.Boots.Concat(TransactionTable.Of(_state).Select(Boots.Of).OfType<string>()).Distinct())
        {
            if (services.Links.Boots.IsOver(boot))
                tell(new BootEnded(boot));
            else
                services.Links.Boots.Await(boot);
        }
    }

    private void Hold(Aggregate? next)
    {
        lock (_holding)
        {
            // This node may hold it anew by now, in another mailbox.
            if (!_isLost)
                _kind.OnHeld(_state, next);
            Volatile.Write(ref _state, next);
        }
    }

    // Who has it now decides on all of this.
    private void ThrowIfLost()
    {
        if (_isLost)
            throw new StaleEpochException();
    }

    private async ValueTask<Aggregate?> ApplyAsync(MailboxItem item, Aggregate? current, List<Owed> owed)
    {
        var now = services.Time.GetUtcNow();
        var happened = item switch
        {
            Happened each => each.Event,
            Wake when current is not null && _isPatientUntil <= now && _kind.NextDue(current) <= now =>
                new TimeElapsed(),
            _ => null,
        };
        if (happened is null)
            return current;

        var facts = new Facts
        {
            Now = now,
            Entropy = services.Entropy.Next(),
            Operator = services.Policy,
            SecureMedia = services.Identity.Current,
        };
        using var part = Traces.Part("decide", of: item.Span);
        try
        {
            facts = await _kind.ReadFactsAsync(current, happened, facts, CancellationToken.None);
            var (next, added) = _kind.Apply(current, _id, happened, facts);
            if (services.Logger.IsEnabled(LogLevel.Debug))
            {
                Log.Decided(
                    services.Logger, _id.Kind, _id, happened.GetType().Name, added.Length, CallIds.Of(happened));
            }

            foreach (var effect in added)
                owed.Add(Owed.By(happened, effect, EndedBy(effect, happened), item.Span));

            if (services.Traces.AreSeen(_id.Value))
                services.Traces.Tell(_id.Value, new DecisionTraced(now, happened, current, next));
            return next;
        }
        catch (Exception bug)
        {
            // A bug in a rule costs its event, not the aggregate.
            Log.RuleFailed(services.Logger, _id.Kind, _id, happened.GetType().Name, CallIds.Of(happened), bug);
            Instruments.Failed(Labels.Rule);
            Rest();
            if (happened is RequestArrived { Request: { } request })
            {
                var failed = new Respond(request.Transaction, SipStatus.ServerInternalError, "Internal error");
                owed.Add(Owed.By(happened, failed, request.Method));
            }

            return current;
        }
    }

    // What became of a request is known here, and nowhere else with its method.
    private string? EndedBy(Effect effect, AggregateEvent happened)
    {
        var request = (happened as RequestArrived)?.Request;
        return effect switch
        {
            Respond { Status.IsFinal: true } answer when request?.Transaction == answer.Transaction => request.Method,
            // What passes by has no entry there; it is kept only if it is a MESSAGE.
            Respond { Status.IsFinal: true } when happened is DeferralSettled => "MESSAGE",
            Respond { Status.IsFinal: true } answer => services.Router.MethodOf(answer.Transaction) ?? Labels.Other,
            PassOn passed when request?.Transaction == passed.Transaction => request.Method,
            _ => null,
        };
    }

    // Not before it is saved: another answer goes out if that fails.
    private static void Count(Owed owed)
    {
        if (owed.Ends is not { } method)
            return;

        if (owed.Effect is Respond answer)
            Instruments.Answered(method, answer.Status.Code);
        else
            Instruments.Relayed(method);
    }

    /// <summary>What is stored of the effects gets its number; false on a conflict.</summary>
    private async ValueTask<bool> TrySaveAsync(Aggregate? next, List<Owed> owed, bool strikesOff, bool isRouted)
    {
        // What was taken to be routed is pending no more here, but still in the store.
        if (isRouted)
            IsLoaded = false;

        // A reply may be lost with the transaction it answers; a request of ours may not.
        var isChanged = !ReferenceEquals(_state, next);
        var owes = next is not null && (isChanged || isRouted
            || owed.Exists(each => each.Effect is SendRequest or SendAck));
        if (!isChanged && !owes && !(strikesOff && _pending.HasDone && _state is not null))
            return true;

        ThrowIfLost();
        var added = owes ? _pending.Number(owed, Route()) : [];
        var done = _pending.Done;
        var changes = _kind.ChangesBetween(_state, next) with { AddedEffects = added, DoneEffects = done };
        if (!await services.Store.TrySaveAsync(_id, _state?.Revision ?? 0, changes, CancellationToken.None))
            return false;

        _pending.Saved(added, done.Length);
        Hold(next);
        IsLoaded = true;
        return true;
    }

    // All that is in flight goes through one Kamailio: then the end of another one is none of its business.
    private string? Route() => _pending.Via is { } via && !services.Links.Boots.IsOver(via) ? via : services.Links.BootFor(_id);

    private static bool IsNewsOfLinks(MailboxItem item) =>
        item is PerformPending or Happened { Event: LinkRestarted };

    /// <summary>True when requests of ours that waited for a Kamailio are to be saved with the one that is there now.</summary>
    private bool TryRoute(List<Owed> owed)
    {
        if (_state is null || services.Links.BootFor(_id) is null || _pending.TakeUnrouted() is not { Count: > 0 } unrouted)
            return false;

        owed.InsertRange(0, unrouted.Select(effect => new Owed(effect)));
        return true;
    }

    // Whom it concerns, a look at what is in flight tells.
    private MailboxItem Translated(MailboxItem item)
    {
        if (item is not BootEnded { Boot: var boot })
            return item;

        var restarted = new LinkRestarted { Boot = boot, EndsOurs = _pending.HasOurs(boot) };
        return restarted.EndsOurs || _pending.HasReply(boot) || TransactionTable.Of(_state).Any(restarted.Ends)
            ? new Happened(restarted, null)
            : new Wake(Stopping: false);
    }

    // Whom nobody has rung up yet does not wait behind those for whom the link needs no second INVITE.
    private Task PerformAgainAsync(List<Owed> owed)
    {
        var unsent = _pace.Forget();
        var added = owed.Select(each => each.Number).ToHashSet();
        var before = _pending.All.Where(each => !added.Contains(each.Number)).Select(each => new Owed(each)).ToList();
        return PerformAsync(
            [
                .. before.Where(each => unsent.Contains(each.Number)),
                .. before.Where(each => !unsent.Contains(each.Number)),
                .. owed,
            ],
            each => !unsent.Contains(each.Number) && !added.Contains(each.Number));
    }

    private async Task PerformAsync(List<Owed> owed, Predicate<Owed>? mayHaveGone = null)
    {
        _notifies = services.Effects.NotifyRequestsOf(_state as Conference, _notifies);
        var now = services.Time.GetUtcNow();
        foreach (var each in owed)
        {
            if (each.Saved is { } saved && _pace.Holds(saved, now, mayHaveGone?.Invoke(each) == true))
                continue;

            if (each.Effect is SendCancel cancel && _pace.TryWithdraw(cancel.Invite, out var held))
            {
                // Whose INVITE has not gone yet is not rung up to be told that it was nothing.
                if (!held.MayHaveGone)
                {
                    mailbox.TryPost(new Happened(new ResponseArrived(cancel.Invite, _notSent), null));
                    continue;
                }

                // Perhaps he rings: only behind its INVITE a CANCEL is sure to find it.
                await PerformAsync(new Owed(held.Invite), _notifies);
            }

            if (await PerformAsync(each, _notifies) && each.Saved is not null)
                _pending.Performed(each.Number);
        }

        foreach (var effect in _pace.Due(now))
        {
            if (_pending.Has(effect.Number) && await PerformAsync(new Owed(effect), _notifies))
                _pending.Performed(effect.Number);
        }
    }

    /// <summary>True when nothing more is to come of it.</summary>
    private async ValueTask<bool> PerformAsync(Owed owed, NotifyRequests? notifies)
    {
        var effect = owed.Effect;
        // Whoever has it now does that; only who waits for an answer hears of what was saved.
        if (_isLost && effect is not Respond)
            return false;

        if (effect is Respond { Explanation: { } explanation } refusal)
        {
            Log.Refused(
                services.Logger, _id, refusal.Transaction, refusal.Status.Code, explanation, owed.CallId);
        }

        if (services.Traces.AreSeen(_id.Value))
        {
            var hasLink = services.Links.Towards(effect, owed.Saved?.Effect.Via, _id) is not null;
            services.Traces.Tell(_id.Value, new EffectTraced(services.Time.GetUtcNow(), effect, hasLink));
        }

        try
        {
            using var part = Traces.Perform(owed.Cause, effect);
            if (effect is HandOver passed)
            {
                var goesOn = Traces.Continue(owed.Cause, "handed_over");
                await services.Router.PostAsync(passed.Request, null, CancellationToken.None, goesOn);
                return true;
            }

            if (effect is Tell tell)
            {
                services.Router.Post(tell.Target, tell.Happened, Traces.Continue(owed.Cause, "told"));
                return true;
            }

            if (services.Deferred.TryPerform(_id, services.Router, effect))
                return true;

            if (effect is Respond answer && !owed.IsStored)
                services.Router.OnAnswered(answer);
            if (Made(effect) is not { } made)
                return true;

            var isDone = await services.Effects.PerformAsync(
                made, _id, owed.Saved?.Effect.Via, notifies, isQuiet: !owed.IsStored, CancellationToken.None);
            if (_isLost && effect is OpenLeg late)
                services.Effects.CloseLegs([late.Media.SessionId]);
            Count(owed);
            return isDone;
        }
        catch (RequestTooLargeException tooLarge)
        {
            mailbox.TryPost(new Happened(new ResponseArrived(tooLarge.Key, _tooLarge), null));
            return false;
        }
        catch (Exception bug)
        {
            // It would fail again; those behind it do not wait for that.
            Log.EffectFailed(services.Logger, _id.Kind, _id, effect.GetType().Name, owed.CallId, bug);
            Instruments.Failed(Labels.Effect);
            return true;
        }
    }

    // Many have the same content, which is stored once. Null: it is not to be sent any more.
    private Effect? Made(Effect effect) =>
        effect is not SendMessage send ? effect
        : _state is PageMessage message ? PageRequests.Render(message, send)
        : null;

    private void ScheduleNext()
    {
        if (_state is null)
            return;

        if (_kind.NextDue(_state) is { } due)
            services.Wheel.Schedule(mailbox, Latest(due, _restsUntil, _isPatientUntil));
        if (_pace.NextAt is { } next)
            services.Wheel.Schedule(mailbox, next);
        if (_pending.SettlesAt(services.Time.GetUtcNow()) is { } settles)
            services.Wheel.Schedule(mailbox, settles);
    }

    private static DateTimeOffset Latest(params ReadOnlySpan<DateTimeOffset> times)
    {
        var latest = times[0];
        foreach (var time in times)
            latest = time > latest ? time : latest;
        return latest;
    }
}
