using System.Collections.Immutable;
using System.Security.Cryptography;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Notifications;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;
using ImSidecar.Server.Stores;
using ImSidecar.Server.Stores.Format;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Hosting;

/// <summary>
/// One for each conference, its only writer: applies all that waits, saves once, then performs. Runs on the thread pool
/// only while something waits.
/// </summary>
internal sealed class Mailbox(ConferenceId id, MailboxServices services)
{
    private const int MaxSaveAttempts = 5;
    private const int MaxFailures = 6;

    private static readonly SipResponse _tooLarge =
        new(new(513, "Message Too Large"), SipHeaders.Empty, default, IsLocal: true);

    private readonly Lock _gate = new();
    private readonly PendingEffects _pending = new();
    private List<MailboxItem> _waiting = [];
    private bool _isRunning;
    private bool _isClosed;
    private bool _isLoaded;
    private bool _isUnreadable;
    private Conference? _conference;
    private DateTimeOffset _restsUntil;
    private DateTimeOffset _isPatientUntil;
    private TaskCompletionSource? _idle;
    private TaskCompletionSource? _request;
    private int _failures;

    public ConferenceId Id => id;

    /// <summary>Kept by the timer wheel under its own lock.</summary>
    public TimerWheel.Entry? Alarm { get; set; }

    /// <summary>Takes up a stored conference before anything is posted.</summary>
    /// <remarks>
    /// Nobody is late before the link has told what happened while the node was away, if it does so in time.
    /// </remarks>
    public void Resume(StoredConference stored)
    {
        _isPatientUntil = services.Time.GetUtcNow() + services.Policy.TransactionDeadline;
        Hold(stored.Conference);
        _pending.Load(stored.Pending);
        _isLoaded = true;
    }

    /// <summary>False if the mailbox has closed since it was looked up.</summary>
    public bool TryPost(MailboxItem item)
    {
        lock (_gate)
        {
            if (_isClosed)
                return false;

            // What comes of itself again and again counts once, and last: a leg may be lost and found in turn.
            if (item.Receipt is null)
                _waiting.Remove(item);

            _waiting.Add(item);
            if (IsRequest(item))
                _request?.TrySetResult();
            if (_isRunning)
                return true;

            _isRunning = true;
        }

        services.Runner.Add(this, isNew: !_isLoaded);
        return true;
    }

    /// <summary>Ends when nothing waits any more, or only for the store.</summary>
    public Task WhenIdle()
    {
        lock (_gate)
        {
            if (!_isRunning || _request is not null)
                return Task.CompletedTask;

            return (_idle ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Works off what waits; called by the runner, once for each time that something began to wait.</summary>
    public async Task RunAsync()
    {
        while (TakeBatch() is { } batch)
        {
            if (await TryRunAsync(batch))
                _failures = 0;
        }
    }

    /// <summary>False if the batch is to be tried again.</summary>
    private async Task<bool> TryRunAsync(List<MailboxItem> batch)
    {
        try
        {
            await ProcessAsync(batch);
            return true;
        }
        catch (UnreadableConferenceException unreadable)
        {
            Log.Unreadable(services.Logger, id, unreadable.InnerException!.Message);
            await RefuseAllAsync(batch);
            return true;
        }
        catch (StoreUnavailableException away)
        {
            await WaitForStoreAsync(await TakeBackAsync(batch, mayBeWritten: !away.NothingWritten));
            return false;
        }
        catch (Exception bug) when (bug is StoredFormatException || _failures >= MaxFailures)
        {
            // It would fail again for ever, and nothing behind it would be confirmed.
            await GiveUpAsync(batch, bug);
            return false;
        }
        catch (Exception exception)
        {
            Log.BatchFailed(services.Logger, id, exception);
            var again = await TakeBackAsync(batch, mayBeWritten: true);
            await Task.Delay(services.RetryDelay * (1 << _failures++), services.Time);
            lock (_gate)
                _waiting.InsertRange(0, again);
            return false;
        }
    }

    private List<MailboxItem>? TakeBatch()
    {
        lock (_gate)
        {
            if (_waiting.Count > 0)
            {
                var batch = _waiting;
                _waiting = [];
                return batch;
            }

            _isRunning = false;
            _idle?.SetResult();
            _idle = null;
            if (_conference is null && (_isLoaded || _isUnreadable))
            {
                _isClosed = true;
                services.Wheel.Forget(this);
                services.Router.Forget(this);
            }

            return null;
        }
    }

    private async Task ProcessAsync(List<MailboxItem> batch)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (!_isLoaded)
                await LoadAsync();

            foreach (var item in batch)
                _pending.Answered(item);
            if (batch.Exists(item => item is CaughtUp))
                _isPatientUntil = default;

            var next = _conference;
            List<Effect> effects = [];
            foreach (var item in batch)
                next = Apply(item, next, effects);

            if (await SaveAsync(next, effects, batch.Exists(StrikesOff)) is not { } added)
            {
                // Another node wrote first: what was decided is void, decide again on what it wrote.
                _isLoaded = false;
                if (attempt == MaxSaveAttempts)
                    throw new InvalidOperationException("Another writer keeps this conference busy");
                continue;
            }

            foreach (var item in batch)
                item.Receipt?.Confirm();
            await PerformAsync(
                batch.Exists(item => item is PerformPending) ? _pending.All : added,
                added.IsEmpty ? effects : []);
            ScheduleNext();
            return;
        }
    }

    // The link forgets a request of ours once its answer is confirmed: then it must not be pending any more.
    // ACK and CANCEL may be: what they belong to is known for longer, and without it they are not sent.
    private static bool StrikesOff(MailboxItem item) =>
        item is Wake or EventGivenUp or Happened
        {
            Event: ResponseArrived { Response.Status.IsFinal: true, Key.Method: not ("ACK" or "CANCEL") },
        };

    private async Task LoadAsync()
    {
        StoredConference? stored;
        try
        {
            stored = await services.Store.LoadAsync(id, CancellationToken.None);
        }
        catch (StoredFormatException error)
        {
            throw new UnreadableConferenceException(error);
        }

        Hold(stored?.Conference);
        _pending.Load(stored?.Pending ?? []);
        _isLoaded = true;
    }

    private void Hold(Conference? next)
    {
        services.Counts.Change(_conference, next);
        _conference = next;
    }

    private Conference? Apply(MailboxItem item, Conference? current, List<Effect> effects)
    {
        var now = services.Time.GetUtcNow();
        var happened = item switch
        {
            Happened each => each.Event,
            Wake when current is not null && _isPatientUntil <= now && ConferenceMachine.NextDue(current) <= now =>
                new TimeElapsed(),
            _ => null,
        };
        if (happened is null)
            return current;

        var facts = new Facts
        {
            Now = now,
            Entropy = RandomNumberGenerator.GetBytes(32),
            Operator = services.Policy,
        };
        try
        {
            var decision = ConferenceMachine.Apply(current, id, happened, facts);
            effects.AddRange(decision.Effects);
            return decision.Conference;
        }
        catch (Exception bug)
        {
            // A bug in a rule costs its event, not the conference.
            Log.RuleFailed(services.Logger, id, happened.GetType().Name, bug);
            _restsUntil = now + services.RetryDelay;
            if (happened is RequestArrived { Request: { } request })
                effects.Add(new Respond(request.Transaction, SipStatus.ServerInternalError, "Internal error"));
            return current;
        }
    }

    /// <summary>The effects as numbered in the store, empty when nothing had to be saved; null on a conflict.</summary>
    private async ValueTask<ImmutableArray<PendingEffect>?> SaveAsync(
        Conference? next, List<Effect> effects, bool strikesOff)
    {
        // A reply may be lost with the transaction it answers; a request of ours may not.
        var isChanged = !ReferenceEquals(_conference, next);
        var owes = next is not null && (isChanged || effects.Exists(effect => effect is SendRequest or SendAck));
        if (!isChanged && !owes && !(strikesOff && _pending.HasDone && _conference is not null))
            return [];

        var added = owes ? _pending.Number(effects) : [];
        var done = _pending.Done;
        var changes = ConferenceChanges.Between(_conference, next) with { AddedEffects = added, DoneEffects = done };
        if (!await services.Store.TrySaveAsync(id, _conference?.Revision ?? 0, changes, CancellationToken.None))
            return null;

        _pending.Saved(added, done.Length);
        Hold(next);
        return added;
    }

    private async Task PerformAsync(ImmutableArray<PendingEffect> saved, List<Effect> unsaved)
    {
        var notifies = _conference is null ? null : services.Effects.NotifyRequestsOf(_conference);
        foreach (var effect in saved)
        {
            if (await PerformAsync(effect.Effect, notifies))
                _pending.Performed(effect.Number);
        }

        foreach (var effect in unsaved)
            await PerformAsync(effect, notifies);
    }

    private async ValueTask<bool> PerformAsync(Effect effect, NotifyRequests? notifies)
    {
        try
        {
            return await services.Effects.PerformAsync(effect, notifies, CancellationToken.None);
        }
        catch (RequestTooLargeException tooLarge)
        {
            TryPost(new Happened(new ResponseArrived(tooLarge.Key, _tooLarge), null));
            return false;
        }
        catch (Exception bug)
        {
            // It would fail again; those behind it do not wait for that.
            Log.EffectFailed(services.Logger, id, effect.GetType().Name, bug);
            return true;
        }
    }

    private void ScheduleNext()
    {
        if (_conference is null)
            return;

        if (ConferenceMachine.NextDue(_conference) is { } due)
            services.Wheel.Schedule(this, Latest(due, _restsUntil, _isPatientUntil));
        if (_pending.SettlesAt(services.Time.GetUtcNow()) is { } settles)
            services.Wheel.Schedule(this, settles);
    }

    private static DateTimeOffset Latest(params ReadOnlySpan<DateTimeOffset> times)
    {
        var latest = times[0];
        foreach (var time in times)
            latest = time > latest ? time : latest;
        return latest;
    }

    // One of them is to blame, and only that one is given up.
    private async Task GiveUpAsync(List<MailboxItem> batch, Exception bug)
    {
        _isLoaded = false;
        if (batch is not [var item])
        {
            foreach (var each in batch)
                await TryRunAsync([each]);
            return;
        }

        Log.EventGivenUp(services.Logger, id, bug);
        _restsUntil = services.Time.GetUtcNow() + services.RetryDelay;
        await FailAsync(item);
        List<MailboxItem> instead = item is PerformPending ? [] : [new PerformPending()];
        if (item is Happened { Event: not RequestArrived } lost)
            instead.Add(new EventGivenUp(lost.Event, lost.Receipt));
        else
            item.Receipt?.Confirm();
        lock (_gate)
            _waiting.InsertRange(0, instead);
    }

    // It stays in the store as it is, for a release that can read it.
    private async Task RefuseAllAsync(List<MailboxItem> batch)
    {
        foreach (var item in batch)
        {
            await FailAsync(item);
            item.Receipt?.Confirm();
        }

        _isUnreadable = true;
    }

    private async Task FailAsync(MailboxItem item)
    {
        if (item is Happened { Event: RequestArrived { Request: { } request } })
            await PerformAsync(new Respond(request.Transaction, SipStatus.ServerInternalError, "Internal error"), null);
    }

    // The world failed, not the rules: requests are refused, everything else is to be tried again.
    private async Task<List<MailboxItem>> TakeBackAsync(List<MailboxItem> batch, bool mayBeWritten)
    {
        List<MailboxItem> again = [];
        foreach (var item in batch)
        {
            if (item is not Happened { Event: RequestArrived { Request: { } request } })
                again.Add(item);
            else if (await RefuseAsync(request, item) is var ended && mayBeWritten)
                again.Add(ended);
        }

        if (!mayBeWritten)
            return again;

        // A save that seemed to fail may have been written: then what it owes is to be performed.
        _isLoaded = false;
        if (!again.Exists(item => item is PerformPending))
            again.Add(new PerformPending());
        return again;
    }

    // All conferences wait for the same disk, but no request does: it comes to be refused, or needs no save.
    private async Task WaitForStoreAsync(List<MailboxItem> again)
    {
        Task request;
        lock (_gate)
        {
            _waiting.InsertRange(0, again);
            if (_waiting.Count == 0 || _waiting.Exists(IsRequest))
                return;

            _request = new(TaskCreationOptions.RunContinuationsAsynchronously);
            request = _request.Task;
            _idle?.SetResult();
            _idle = null;
        }

        await (services.StoreHealth.IsFailing
            ? Task.WhenAny(services.StoreHealth.WhenWell, request)
            : Task.Delay(services.RetryDelay, services.Time));
        lock (_gate)
            _request = null;
    }

    private static bool IsRequest(MailboxItem item) => item is Happened { Event: RequestArrived };

    // Was it written after all, the rules hear that it got another answer.
    private async Task<MailboxItem> RefuseAsync(ImRequest request, MailboxItem item)
    {
        await PerformAsync(
            new Respond(request.Transaction, SipStatus.ServiceUnavailable, "Store not writable"), null);
        item.Receipt?.Confirm();
        return new Happened(
            new RequestTransactionEnded(request.Transaction, SipStatus.ServiceUnavailable.Code), null);
    }
}
