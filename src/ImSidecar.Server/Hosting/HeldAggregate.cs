using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;
using ImSidecar.Server.Stores.Format;
using ImSidecar.Server.Telemetry;
using ImSidecar.Server.Telemetry.Tracing;

namespace ImSidecar.Server.Hosting;

/// <summary>
/// The aggregate of a mailbox as it is saved, with what it still owes: decides, saves, performs. One batch at a time.
/// </summary>
internal sealed class HeldAggregate
{
    private const int MaxSaveAttempts = 5;

    private readonly Mailbox _mailbox;
    private readonly MailboxServices _services;
    private readonly IAggregateKind _kind;
    private readonly PendingEffects _pending;
    private readonly SavedState _saved;
    private readonly WakeTimes _wakes;
    private readonly EventDecision _decision;
    private readonly KamailioRoutes _routes;
    private readonly EffectPerformance _performance;
    private readonly PacedEffects _effects;
    private bool _hasBegun;

    public HeldAggregate(Mailbox mailbox, MailboxServices services)
    {
        _mailbox = mailbox;
        _services = services;
        _kind = services.Kinds.Of(mailbox.Id.Kind);
        _pending = new(services.Reinvites);
        _saved = new(_kind, services.Effects);
        _wakes = new(_kind, services);
        _decision = new(mailbox.Id, _kind, _wakes, services);
        _routes = new(mailbox.Id, _pending, services.Links);
        _performance = new(mailbox, _saved, services);
        _effects = new(mailbox, _saved, _pending, _performance, services);
    }

    /// <summary>False when what is held may not be what is stored: the next batch loads it anew.</summary>
    public bool IsLoaded { get; private set; }

    /// <summary>There is no such aggregate, or no more.</summary>
    public bool IsNone => IsLoaded && _saved.Value is null;

    /// <summary>A session that is over is only remembered.</summary>
    public bool IsUnderWay => !IsLoaded || _saved.Value is { } state and not Conference { IsOver: true };

    /// <summary>As it was saved last; any thread may look.</summary>
    public Aggregate? Current => _saved.Value;

    public void Distrust() => IsLoaded = false;

    /// <summary>It goes to another node.</summary>
    public void Release()
    {
        _saved.Release();
        _pending.Clear();
        IsLoaded = false;
    }

    /// <summary>It was taken from this node; what a batch that is being worked off still has to do, the other one does.</summary>
    public void Lose() => _saved.Lose();

    /// <summary>A save that fails by itself is not to fail again at once.</summary>
    public void Rest() => _wakes.Rest();

    /// <summary>Answers without a decision: what is answered so is not saved.</summary>
    public async ValueTask RespondAsync(ImRequest request, SipStatus status, string explanation) =>
        await _performance.OfAsync(
            new Owed(new Respond(request.Transaction, status, explanation)) { Ends = request.Method }, null);

    /// <summary>Decides on all of the batch, saves once, confirms, performs.</summary>
    public async Task ProcessAsync(List<MailboxItem> batch)
    {
        BatchTimes.Began(batch, _services.Time);
        var trace = BatchTrace.Of(batch, _mailbox.Id);
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
            _saved.ThrowIfLost();
            if (!IsLoaded)
                await LoadAsync(batch);

            for (var i = 0; i < batch.Count; i++)
                batch[i] = _routes.Translated(batch[i], _saved.Value);
            foreach (var item in batch)
                _pending.Answered(item);
            if (batch.Exists(item => item is CaughtUp))
                _wakes.EndPatience();

            var next = _saved.Value;
            List<Owed> owed = [];
            foreach (var item in batch)
                next = await _decision.OnAsync(item, next, owed);

            var isRouted = batch.Exists(KamailioRoutes.IsNews) && _routes.TryRoute(_saved.Value, owed);
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
                await _effects.PerformAgainAsync(owed);
            else
                await _effects.PerformAsync(owed);
            trace?.Passed("perform", began);
            ScheduleNext();
            BatchTimes.Ended(batch, _services.Time);
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

    private async Task LoadAsync(List<MailboxItem> batch)
    {
        StoredAggregate? stored;
        try
        {
            stored = await _services.Store.LoadAsync(_mailbox.Id, CancellationToken.None);
        }
        catch (StoredFormatException error)
        {
            _pending.Clear();
            throw new UnreadableConferenceException(error);
        }

        _saved.Hold(stored?.State);
        _pending.Load(stored?.Pending ?? []);
        IsLoaded = true;
        var isFirst = !_hasBegun;
        _hasBegun = true;
        if (isFirst && stored is not null)
            Resume(stored, batch);
        else
            _routes.NoteBoots(_saved.Value, ended => _mailbox.TryPost(ended));
    }

    private void Resume(StoredAggregate stored, List<MailboxItem> batch)
    {
        _wakes.BePatient();
        _services.Router.Resumption.OnLoaded(_mailbox, stored);
        List<MailboxItem> first = [new Happened(new NodeStarted(), null)];
        _routes.NoteBoots(stored.State, first.Add);
        if (_pending.HasUnrouted && _services.Router.Resumption.IsStart && _services.Links.Boots.LastOver is { } over)
            first.Add(new BootEnded(over));
        batch.InsertRange(0, first);

        // A link that attaches later has all that is there perform what is pending.
        if (_services.Links.Current is not null)
            batch.Add(new PerformPending());
    }

    /// <summary>What is stored of the effects gets its number; false on a conflict.</summary>
    private async ValueTask<bool> TrySaveAsync(Aggregate? next, List<Owed> owed, bool strikesOff, bool isRouted)
    {
        // What was taken to be routed is pending no more here, but still in the store.
        if (isRouted)
            IsLoaded = false;

        // A reply may be lost with the transaction it answers; a request of ours may not.
        var before = _saved.Value;
        var isChanged = !ReferenceEquals(before, next);
        var owes = next is not null && (isChanged || isRouted
            || owed.Exists(each => each.Effect is SendRequest or SendAck));
        if (!isChanged && !owes && !(strikesOff && _pending.HasDone && before is not null))
            return true;

        _saved.ThrowIfLost();
        var added = owes ? _pending.Number(owed, _routes.Next()) : [];
        var done = _pending.Done;
        var changes = _kind.ChangesBetween(before, next) with { AddedEffects = added, DoneEffects = done };
        if (!await _services.Store.TrySaveAsync(_mailbox.Id, before?.Revision ?? 0, changes, CancellationToken.None))
            return false;

        _pending.Saved(added, done.Length);
        if (next is null)
            _pending.Clear();
        _saved.Hold(next);
        IsLoaded = true;
        return true;
    }

    private void ScheduleNext()
    {
        if (_saved.Value is not { } state)
            return;

        if (_wakes.NextFor(state) is { } due)
            _services.Wheel.Schedule(_mailbox, due);
        if (_effects.NextAt is { } next)
            _services.Wheel.Schedule(_mailbox, next);
        if (_pending.SettlesAt(_services.Time.GetUtcNow()) is { } settles)
            _services.Wheel.Schedule(_mailbox, settles);
    }
}
