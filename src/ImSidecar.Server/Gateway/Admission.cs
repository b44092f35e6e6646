using Google.Protobuf;
using ImSidecar.Msrp;
using ImSidecar.Protocol.Sip;
using ImSidecar.Server.Gateway.V1;
using ImSidecar.Server.Stores;
using ImSidecar.Server.Telemetry;
using ImSidecar.Server.Telemetry.Tracing;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Gateway;

/// <summary>
/// Decides on arrival what is taken on. Requests outside a dialog make new work and are refused early: when many wait,
/// when the oldest waits long, when the store cannot be written or sessions would have no messages. What belongs to
/// accepted work goes on far longer.
/// </summary>
internal sealed class Admission(
    Live<OverloadOptions> options, StoreHealth store, IMsrpSwitch msrp, TimeProvider time, ILogger<Admission> logger)
{
    private const int ShortestPause = 20;
    private const int LongestPause = 250;
    private static readonly TimeSpan _calm = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly Queue<EventReceipt> _requests = new();
    private TaskCompletionSource? _room;
    private int _eventsInWork;
    private int _requestsInWork;
    private long _refused;
    private long _refusedBefore;
    private long _refusedAt;
    private bool _isRefusing;
    private long _pausedAt;
    private TimeSpan _pause;

    public int EventsInWork => Volatile.Read(ref _eventsInWork);

    public int RequestsInWork => Volatile.Read(ref _requestsInWork);

    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>
    /// Takes the event on, null if it has come before. Waits while too many are in work, and with us the link.
    /// </summary>
    public async ValueTask<EventReceipt?> EnterAsync(Link link, SipEvent happened, CancellationToken cancellation)
    {
        while (true)
        {
            Task room;
            lock (_gate)
            {
                if (_eventsInWork < options.Value.MaxEvents)
                    return TryEnter(link, happened);

                _room ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
                room = _room.Task;
            }

            await room.WaitAsync(cancellation);
        }
    }

    /// <summary>The event is saved, or refused.</summary>
    public void Leave(EventReceipt receipt)
    {
        lock (_gate)
        {
            _eventsInWork--;
            _room?.SetResult();
            _room = null;
            if (!receipt.IsRequest)
                return;

            _requestsInWork--;
            DropDone();
        }
    }

    /// <summary>
    /// How the request, which has entered, is refused with 503; null: it is not. What only passes needs no store.
    /// </summary>
    public Refusal? Judge(Request request, bool onlyPasses = false)
    {
        var isNew = !IsWithinDialog(request);
        lock (_gate)
        {
            DropDone();
            var waited = _requests.TryPeek(out var oldest) ? time.GetElapsedTime(oldest.ArrivedAt) : TimeSpan.Zero;
            var isOverloaded = _requestsInWork > options.Value.MaxRequests
                || (isNew && (_requestsInWork > options.Value.MaxNewRequests || waited > options.Value.MaxDelay));
            Note(isOverloaded, waited);
            var lacking = isNew && !onlyPasses ? Lacking(request) : null;
            if (!isOverloaded && lacking is null)
                return null;

            _refused++;
            Instruments.Refused(isOverloaded ? "overload" : store.IsFailing ? "store" : "msrp");
            return isOverloaded ? new("Overloaded", NextPause(waited)) : new(lacking!, null);
        }
    }

    // A session without its messages is none.
    private string? Lacking(Request request) => store.IsFailing ? "Store not writable"
        : request.Method == "INVITE" && !msrp.IsAvailable ? "No MSRP switch" : null;

    /// <summary>A To tag; whether the dialog exists is for the rules to say.</summary>
    private static bool IsWithinDialog(Request request)
    {
        foreach (var header in request.Headers)
        {
            if (header.Name.Equals("To", StringComparison.OrdinalIgnoreCase)
                || header.Name.Equals("t", StringComparison.OrdinalIgnoreCase))
                return NameAddress.TryParse(header.Value.ToStringUtf8(), out var to) && to.Tag is { Length: > 0 };
        }

        return false;
    }

    private EventReceipt? TryEnter(Link link, SipEvent happened)
    {
        if (!link.Ledger.TryBegin(happened.Sequence))
            return null;

        Instruments.Came(happened);
        var receipt = new EventReceipt(link, happened.Sequence, this)
        {
            ArrivedAt = time.GetTimestamp(),
            Kind = happened.EventCase,
            Stage = happened.Request?.Stage ?? ByteString.Empty,
            Span = Traces.Begin(link, happened),
        };
        _eventsInWork++;
        if (receipt.IsRequest)
        {
            _requests.Enqueue(receipt);
            _requestsInWork++;
        }

        return receipt;
    }

    // They are done in any order: the first one that is not is the oldest.
    private void DropDone()
    {
        while (_requests.TryPeek(out var first) && (first.IsConfirmed || first.IsSetAside))
            _requests.Dequeue();
    }

    // New requests need not even come to us. Shorter than what is in work lasts, so that we never wait for work.
    private TimeSpan? NextPause(TimeSpan waited)
    {
        var now = time.GetTimestamp();
        if (time.GetElapsedTime(_pausedAt, now) < _pause)
            return null;

        _pausedAt = now;
        _pause = TimeSpan.FromMilliseconds(
            Math.Clamp(waited.TotalMilliseconds / 4, ShortestPause, LongestPause));
        return _pause;
    }

    // One line when it begins and one when it is over, not one for each request.
    private void Note(bool isOverloaded, TimeSpan waited)
    {
        var now = time.GetTimestamp();
        if (isOverloaded && !_isRefusing)
        {
            _isRefusing = true;
            _refusedBefore = _refused;
            Log.Overloaded(logger, _requestsInWork, waited);
        }
        else if (!isOverloaded && _isRefusing && time.GetElapsedTime(_refusedAt, now) > _calm)
        {
            _isRefusing = false;
            Log.OverloadOver(logger, _refused - _refusedBefore);
        }

        if (isOverloaded)
            _refusedAt = now;
    }
}

/// <summary>The text for the Warning, and for how long Kamailio is to send no new requests.</summary>
internal sealed record Refusal(string Reason, TimeSpan? Pause);
