using System.Collections.Immutable;
using ImSidecar.Core.Deferred;
using ImSidecar.Protocol.Sip;
using ImSidecar.Server.Telemetry;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Stores.Deferred;

/// <summary>
/// Messages for absent users, in the database that its engine knows; writes of all callers are committed together.
/// </summary>
internal sealed class DeferredMessageStore : IDeferredMessageStore, IAsyncDisposable, IDisposable
{
    // Of messages that wait to be written; one alone may be larger.
    private const long MostBytesWaiting = 64 * 1024 * 1024;

    private readonly IDeferredEngine _engine;
    private readonly DeferredRowFormat _format;
    private readonly GroupCommit _commit;
    private readonly UnreadableRows _unreadable;
    private readonly Lazy<Task> _closed;
    private long _bytesWaiting;
    private long _messagesHeld;
    private long _bytesHeld;

    public DeferredMessageStore(
        IDeferredEngine engine, ContentSeal seal, StoreHealth health, ILogger<DeferredMessageStore> logger)
    {
        _engine = engine;
        _format = new(seal);
        _unreadable = new(logger);
        Health = health;
        _commit = new(engine, health);
        _closed = new(CloseAsync);
    }

    public StoreHealth Health { get; }

    /// <summary>To other nodes with the same database.</summary>
    public IWaitingNews News => _engine.News;

    public string Description => _engine.Description;

    /// <summary>What there was when it was last counted.</summary>
    public DeferredCount Held => new(Volatile.Read(ref _messagesHeld), Volatile.Read(ref _bytesHeld));

    public int WritesWaiting => _commit.Waiting;

    public async ValueTask<Deferral> AddAsync(
        DeferredMessage message, DeferralQuota quota, CancellationToken cancellation)
    {
        var size = message.Content.Size;
        try
        {
            if (Interlocked.Add(ref _bytesWaiting, size) > Math.Max(MostBytesWaiting, size))
            {
                Instruments.Deposited(Labels.Of(Deferral.Unavailable));
                return Deferral.Unavailable;
            }

            var add = new DeferredAdd(_format.RowOf(message), StoredNotices.TellsOf(message.Notices), quota);
            await _commit.SaveAsync(add, cancellation);
            Instruments.Deposited(Labels.Of(add.Result));
            return add.Result;
        }
        catch (StoreUnavailableException)
        {
            Instruments.Deposited(Labels.Of(Deferral.Unavailable));
            throw;
        }
        finally
        {
            Interlocked.Add(ref _bytesWaiting, -size);
        }
    }

    public async ValueTask<ImmutableArray<DeferredMessage>> ReadAsync(
        string user, long after, int most, long mostBytes, DateTimeOffset now, CancellationToken cancellation)
    {
        var messages = ImmutableArray.CreateBuilder<DeferredMessage>();
        while (most > 0)
        {
            var rows = await _engine.ReadAsync(user, after, most, mostBytes, Milliseconds(now), cancellation);
            foreach (var row in rows)
            {
                if (_format.TryRead(row, out var message, out var error))
                    messages.Add(message);
                else
                    _unreadable.Report(row, error);
            }

            // What cannot be read must not hide what is behind it.
            if (rows.Count == 0 || messages.Count > 0)
                break;

            after = rows[^1].Number;
        }

        return messages.ToImmutable();
    }

    public async ValueTask<DeferredMessage?> FindAsync(string user, long number, CancellationToken cancellation)
    {
        if (await _engine.FindAsync(user, number, cancellation) is not { } row)
            return null;

        if (_format.TryRead(row, out var message, out var error))
            return message;

        _unreadable.Report(row, error);
        return null;
    }

    public async ValueTask<ImmutableArray<DeferredEntry>> ListAsync(
        string user, long after, int most, DateTimeOffset now, CancellationToken cancellation)
    {
        var entries = ImmutableArray.CreateBuilder<DeferredEntry>();
        while (most > 0)
        {
            var rows = await _engine.ListAsync(user, after, most, Milliseconds(now), cancellation);
            foreach (var row in rows)
            {
                if (_format.TryReadEntry(row, out var entry, out var error))
                    entries.Add(entry);
                else
                    _unreadable.Report(row, error);
            }

            if (rows.Count == 0 || entries.Count > 0)
                break;

            after = rows[^1].Number;
        }

        return entries.ToImmutable();
    }

    public ValueTask<DeferredCount> CountAsync(string user, CancellationToken cancellation) =>
        _engine.CountAsync(user, cancellation);

    public async ValueTask<DeferredCount> CountAllAsync(CancellationToken cancellation)
    {
        var count = await _engine.CountAllAsync(cancellation);
        Volatile.Write(ref _messagesHeld, count.Messages);
        Volatile.Write(ref _bytesHeld, count.Bytes);
        return count;
    }

    public async ValueTask<int> RemoveAsync(
        string user, ImmutableArray<long> numbers, DeferredEnd end, DateTimeOffset now, CancellationToken cancellation)
    {
        if (numbers.IsDefaultOrEmpty)
            return 0;

        var removal = new DeferredRemoval(user, numbers, end, Milliseconds(now));
        await _commit.SaveAsync(removal, cancellation);
        Instruments.Removed(Labels.Of(end), removal.Count);
        return removal.Count;
    }

    public async ValueTask<int> ExpireAsync(DateTimeOffset now, int most, CancellationToken cancellation)
    {
        if (most < 1)
            return 0;

        var expiry = new DeferredExpiry(Milliseconds(now), most);
        await _commit.SaveAsync(expiry, cancellation);
        if (expiry.Count > 0)
            Instruments.Removed(Labels.Of(DeferredEnd.Expired), expiry.Count);
        return expiry.Count;
    }

    public async ValueTask<ImmutableArray<string>> UsersAsync(
        string after, int most, CancellationToken cancellation) =>
        most < 1 ? [] : [.. await _engine.UsersAsync(after, most, cancellation)];

    public async ValueTask<ImmutableArray<DeferredNotice>> NoticesAsync(int most, CancellationToken cancellation)
    {
        if (most < 1)
            return [];

        var notices = ImmutableArray.CreateBuilder<DeferredNotice>();
        var unreadable = ImmutableArray.CreateBuilder<long>();
        foreach (var row in await _engine.NoticesAsync(most, cancellation))
        {
            if (SipUri.TryParse(row.Sender, out var sender) && SipUri.TryParse(row.Recipient, out var recipient)
                && StoredNotices.TryRead(row.Asked, out var asked))
                notices.Add(new(row.Number, (DeferredEnd)row.End, sender, recipient, asked!, Time(row.At)));
            else
                unreadable.Add(row.Number);
        }

        // They would stand before all others for ever.
        await ForgetNoticesAsync(unreadable.DrainToImmutable(), cancellation);

        return notices.ToImmutable();
    }

    public async ValueTask ForgetNoticesAsync(ImmutableArray<long> numbers, CancellationToken cancellation)
    {
        if (!numbers.IsDefaultOrEmpty)
            await _commit.SaveAsync(new NoticesTold(numbers), cancellation);
    }

    /// <summary>Writes what waits, then closes the database; a second call waits for the first.</summary>
    public ValueTask DisposeAsync() => new(_closed.Value);

    public void Dispose() => _closed.Value.GetAwaiter().GetResult();

    private static long Milliseconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds();

    private static DateTimeOffset Time(long milliseconds) => DeferredRowFormat.Time(milliseconds);

    private async Task CloseAsync()
    {
        await _commit.DisposeAsync();
        await _engine.DisposeAsync();
    }
}
