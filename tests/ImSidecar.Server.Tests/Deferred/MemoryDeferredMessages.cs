using System.Collections.Immutable;
using ImSidecar.Core.Deferred;
using ImSidecar.Server.Stores;

namespace ImSidecar.Server.Tests.Deferred;

/// <summary>A message store in memory, which can be made to fail.</summary>
internal sealed class MemoryDeferredMessages : IDeferredMessageStore
{
    private readonly Lock _gate = new();
    private readonly List<DeferredMessage> _messages = [];
    private readonly List<DeferredNotice> _notices = [];
    private long _last;

    /// <summary>It can neither be read nor written.</summary>
    public bool Fails { get; set; }

    public IReadOnlyList<DeferredMessage> Messages
    {
        get
        {
            lock (_gate)
                return [.. _messages];
        }
    }

    public ValueTask<Deferral> AddAsync(
        DeferredMessage message, DeferralQuota quota, CancellationToken cancellation) => Run(() =>
        {
            var own = _messages.FindAll(each => each.User == message.User);
            if (own.Exists(each => each.Key == message.Key))
                return Deferral.Known;

            if (own.Count >= quota.UserMessages || own.Sum(each => each.Content.Size) + message.Content.Size > quota.UserBytes)
                return Deferral.UserFull;

            if (_messages.Count >= quota.Messages)
                return Deferral.NodeFull;

            _messages.Add(message with { Number = ++_last });
            return Deferral.Kept;
        });

    public ValueTask<ImmutableArray<DeferredMessage>> ReadAsync(
        string user, long after, int most, long mostBytes, DateTimeOffset now, CancellationToken cancellation) =>
        Run(() => Of(user, after, most, now));

    public ValueTask<DeferredMessage?> FindAsync(string user, long number, CancellationToken cancellation) =>
        Run(() => _messages.Find(each => each.User == user && each.Number == number));

    public ValueTask<ImmutableArray<DeferredEntry>> ListAsync(
        string user, long after, int most, DateTimeOffset now, CancellationToken cancellation) =>
        Run(() => Of(user, after, most, now).Select(each => new DeferredEntry(
            each.Number, each.Sender, each.IsAnonymous, each.Subject, each.Content.IsPageMode, each.Content.Size,
            each.ReceivedAt, each.ExpiresAt)).ToImmutableArray());

    public ValueTask<DeferredCount> CountAsync(string user, CancellationToken cancellation) =>
        Run(() => Count(each => each.User == user));

    public ValueTask<DeferredCount> CountAllAsync(CancellationToken cancellation) => Run(() => Count(_ => true));

    public ValueTask<int> RemoveAsync(
        string user, ImmutableArray<long> numbers, DeferredEnd end, DateTimeOffset now,
        CancellationToken cancellation) =>
        Run(() => Remove(each => each.User == user && numbers.Contains(each.Number), end, now));

    public ValueTask<int> ExpireAsync(DateTimeOffset now, int most, CancellationToken cancellation) =>
        Run(() =>
        {
            var expired = _messages.Where(each => each.ExpiresAt <= now).Take(most).ToHashSet();
            return Remove(expired.Contains, DeferredEnd.Expired, now);
        });

    public ValueTask<ImmutableArray<string>> UsersAsync(string after, int most, CancellationToken cancellation) =>
        Run(() => _messages.Select(each => each.User).Distinct().Order(StringComparer.Ordinal)
            .Where(each => string.CompareOrdinal(each, after) > 0).Take(most).ToImmutableArray());

    public ValueTask<ImmutableArray<DeferredNotice>> NoticesAsync(int most, CancellationToken cancellation) =>
        Run(() => _notices.Take(most).ToImmutableArray());

    public ValueTask ForgetNoticesAsync(ImmutableArray<long> numbers, CancellationToken cancellation)
    {
        lock (_gate)
            _notices.RemoveAll(each => numbers.Contains(each.Number));
        return ValueTask.CompletedTask;
    }

    private ImmutableArray<DeferredMessage> Of(string user, long after, int most, DateTimeOffset now) =>
        [.. _messages.Where(each => each.User == user && each.Number > after && each.ExpiresAt > now).Take(most)];

    private DeferredCount Count(Predicate<DeferredMessage> isMeant)
    {
        var meant = _messages.FindAll(isMeant);
        return new(meant.Count, meant.Sum(each => each.Content.Size));
    }

    private int Remove(Predicate<DeferredMessage> isMeant, DeferredEnd end, DateTimeOffset now)
    {
        foreach (var message in _messages.FindAll(isMeant))
        {
            if (message.Notices is { } asked && (end == DeferredEnd.Delivered ? asked.Delivery : asked.NegativeDelivery))
                _notices.Add(new(++_last, end, message.Sender, message.Recipient, asked, now));
        }

        return _messages.RemoveAll(isMeant);
    }

    private ValueTask<T> Run<T>(Func<T> work)
    {
        if (Fails)
            throw new StoreUnavailableException("The store cannot be reached");

        lock (_gate)
            return ValueTask.FromResult(work());
    }
}
