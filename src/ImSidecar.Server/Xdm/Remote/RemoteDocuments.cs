using ImSidecar.Protocol.Xdm;
using ImSidecar.Server.Telemetry;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Xdm.Remote;

/// <summary>
/// The documents of the operator's XDMS, by XCAP GET. What was read is kept in memory, asked for again while it is in
/// use, and serves for a limited time when the XDMS does not answer; then it is unavailable. What a reader was told
/// holds until <see cref="Changed"/> is raised for it: also when it is given up, or no longer kept current.
/// </summary>
internal sealed class RemoteDocuments : IXdmDocuments, IDisposable
{
    // A reader does not ask again sooner for what failed.
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly XcapClientOptions _options;
    private readonly RemoteXdms _xdms;
    private readonly XdmsHealth _health;
    private readonly IDocumentWatch? _watch;
    private readonly DocumentMemory? _memory;
    private readonly TimeProvider _time;
    private readonly ILogger<RemoteDocuments> _logger;
    private readonly AgeLimits _limits;
    private readonly DocumentTable _table;
    private readonly CancellationTokenSource _stopping = new();

    public RemoteDocuments(
        XcapClientOptions options,
        RemoteXdms xdms,
        XdmsHealth health,
        TimeProvider time,
        ILogger<RemoteDocuments> logger,
        IDocumentWatch? watch = null,
        DocumentMemory? memory = null)
    {
        _memory = memory;
        _options = options;
        _xdms = xdms;
        _health = health;
        _watch = watch;
        _time = time;
        _logger = logger;
        _limits = new(options, watch);
        _table = new(options.MaxDocuments, options.MaxCacheBytes);
        if (watch is not null)
            watch.Changed += OnTold;
    }

    public event Action<DocumentSelector>? Changed;

    public ValueTask<XdmDocument?> ReadAsync(DocumentSelector selector, CancellationToken cancellation)
    {
        lock (_gate)
        {
            var now = _time.GetUtcNow();
            var entry = _table.Use(selector, now);
            var freshness = _limits.Judge(entry, now);
            Instruments.Read(Labels.Of(freshness));
            if (freshness == Freshness.Fresh)
                return new(entry.Document);

            if (entry.Fetch is null && now >= entry.RetryAt)
                Fetch(entry);

            // Nobody waits for one that is known not to answer, when something is known that may be believed.
            var mayServe = freshness == Freshness.Stale || (freshness == Freshness.Old && _health.IsFailing);
            return entry.Fetch is { } fetch && !mayServe
                ? AwaitAsync(entry, fetch, cancellation)
                : new(Answer(entry));
        }
    }

    /// <summary>Asks for what is due, and raises <see cref="Changed"/> for what is believed no longer.</summary>
    public async Task SweepAsync(int concurrency, CancellationToken cancellation)
    {
        List<CachedDocument> due;
        List<DocumentSelector> over;
        lock (_gate)
        {
            var now = _time.GetUtcNow();
            due = [.. _table.All.Where(entry => _limits.IsDue(entry, now))];
            foreach (var forgotten in _table.All.Where(entry => _limits.IsForgotten(entry, now)).ToList())
                _table.Remove(forgotten);
            over = [.. _table.All.Where(entry => IsOver(entry, now)).Select(entry => entry.Selector)];
        }

        over.ForEach(Raise);
        RaiseGivenUp();

        // One is enough to see whether it answers again.
        if (_health.IsFailing && due.Count > 1)
            due = [due.MinBy(entry => entry.AskedAt)!];

        await Parallel.ForEachAsync(
            due,
            new ParallelOptions { MaxDegreeOfParallelism = concurrency, CancellationToken = cancellation },
            async (entry, token) =>
            {
                Task fetch;
                lock (_gate)
                    fetch = Fetch(entry);
                await fetch.WaitAsync(token);
            });
    }

    /// <summary>The documents in use: those whose changes are worth being told.</summary>
    public IReadOnlyCollection<DocumentSelector> InUse()
    {
        lock (_gate)
        {
            var now = _time.GetUtcNow();
            return [.. _table.All
                .Where(entry => entry.Document is not null && _limits.IsInUse(entry, now))
                .Select(entry => entry.Selector)];
        }
    }

    public DocumentCounts Count()
    {
        lock (_gate)
        {
            var now = _time.GetUtcNow();
            var stale = _table.All.Count(
                entry => entry.Document is not null && _limits.Judge(entry, now) != Freshness.Fresh);
            return new(_table.Documents, stale, _table.Bytes);
        }
    }

    public void Dispose()
    {
        if (_watch is not null)
            _watch.Changed -= OnTold;
        _stopping.Cancel();
    }

    private async ValueTask<XdmDocument?> AwaitAsync(CachedDocument entry, Task fetch, CancellationToken cancellation)
    {
        await fetch.WaitAsync(cancellation);
        lock (_gate)
            return Answer(entry);
    }

    // What readers were told of it holds no longer; said once.
    private bool IsOver(CachedDocument entry, DateTimeOffset now)
    {
        if (!entry.IsKnown || entry.IsMissed || entry.IsRetired)
            return false;

        entry.IsMissed = !_limits.IsBelievable(entry, now);
        entry.IsRetired = !_limits.IsInUse(entry, now);
        return entry.IsMissed || entry.IsRetired;
    }

    // The last known document, if it may still serve.
    private XdmDocument? Answer(CachedDocument entry)
    {
        if (_limits.IsBelievable(entry, _time.GetUtcNow()))
            return entry.Document;

        // Those who were told of it before this reader are to know too: the next sweep says so.
        if (entry is { IsKnown: true, IsMissed: false })
            _table.GivenUp.Add(entry);
        entry.IsMissed = true;
        throw new XdmUnavailableException(entry.Failure ?? "the XDMS was not asked in time");
    }

    private Task Fetch(CachedDocument entry) => entry.Fetch ??= Task.Run(() => FetchAsync(entry));

    private async Task FetchAsync(CachedDocument entry)
    {
        if (_memory is not null && !entry.IsRecalled)
            await RecallAsync(_memory, entry);

        // What was told while the answer was on its way may be newer than the answer: asked once more, not for ever.
        if (await AskAsync(entry, isLast: false))
            await AskAsync(entry, isLast: true);
    }

    private async ValueTask RecallAsync(DocumentMemory memory, CachedDocument entry)
    {
        var remembered = await memory.RecallAsync(entry.Selector, CancellationToken.None);
        lock (_gate)
        {
            entry.Recall(remembered);
            _table.Settle(entry);
        }
    }

    // True when it is to be asked again at once.
    private async Task<bool> AskAsync(CachedDocument entry, bool isLast)
    {
        var (tag, notices) = Begin(entry);
        var hasChanged = false;
        var isAgain = false;
        try
        {
            var answer = await _xdms.GetAsync(entry.Selector, tag, _stopping.Token);
            lock (_gate)
            {
                var before = entry.Document;
                hasChanged = entry.Confirm(answer, notices);
                Settle(entry, before);
                isAgain = entry.IsDoubted && !isLast;
            }
        }
        catch (XcapFailureException failure)
        {
            hasChanged = Fail(entry, failure);
        }
        catch (Exception) when (_stopping.IsCancellationRequested)
        {
            lock (_gate)
                entry.Fail("the node stops", DateTimeOffset.MaxValue);
        }
        catch (Exception exception)
        {
            Log.GetFailed(_logger, entry.Selector, exception);
            hasChanged = Fail(entry, new(XcapFailure.Unreachable, "the request to the XDMS failed", exception));
        }
        finally
        {
            if (!isAgain)
            {
                lock (_gate)
                    entry.Fetch = null;
            }
        }

        if (hasChanged)
            Raise(entry.Selector);
        RaiseGivenUp();
        return isAgain;
    }

    private (string? Tag, int Notices) Begin(CachedDocument entry)
    {
        lock (_gate)
        {
            entry.Begin(_time.GetUtcNow());
            return (entry.Tag, entry.Notices);
        }
    }

    private bool Fail(CachedDocument entry, XcapFailureException failure)
    {
        bool isNews, hasChanged = false;
        var isOfDocument = failure.Failure is XcapFailure.Refused or XcapFailure.Unusable;
        lock (_gate)
        {
            isNews = entry.Fail(failure.Message, _time.GetUtcNow() + (isOfDocument ? _options.AbsentFor : _pause));
            if (failure.Failure == XcapFailure.Unusable)
            {
                var before = entry.Document;
                hasChanged = entry.Forget();
                Settle(entry, before);
            }
        }

        if (isOfDocument && isNews)
            Log.Refused(_logger, entry.Selector, failure.Message);
        return hasChanged;
    }

    private void Settle(CachedDocument entry, XdmDocument? before)
    {
        _table.Settle(entry);
        if (_memory is not null && entry.Unremembered(before, _memory.Imprecision) is { } change)
            _memory.Note(change);
    }

    private void OnTold(DocumentSelector selector, string? newETag)
    {
        lock (_gate)
        {
            var now = _time.GetUtcNow();
            if (_table.Find(selector) is not { } entry)
                return;

            if (newETag is not null && entry.Document?.ETag == newETag && !entry.IsMissed)
            {
                entry.Trust(now);
                return;
            }

            entry.Doubt();
            if (_limits.IsInUse(entry, now))
                Fetch(entry);
        }
    }

    private void RaiseGivenUp()
    {
        List<CachedDocument> givenUp;
        lock (_gate)
        {
            givenUp = [.. _table.GivenUp];
            _table.GivenUp.Clear();
        }

        givenUp.ForEach(entry => Raise(entry.Selector));
    }

    private void Raise(DocumentSelector selector)
    {
        try
        {
            Changed?.Invoke(selector);
        }
        catch (Exception exception)
        {
            Log.HandlerFailed(_logger, selector, exception);
        }
    }
}

/// <summary>What is in memory of the remote XDMS.</summary>
/// <param name="Stale">Those that are older than they should be.</param>
internal sealed record DocumentCounts(int Documents, int Stale, long Bytes);
