using ImSidecar.Core.Deferred;

namespace ImSidecar.Server.Tests.Stores.Deferred;

/// <summary>What a store of deferred messages is, without a database.</summary>
internal sealed class DeferredModel
{
    private readonly Dictionary<(string User, string Key), DateTimeOffset> _past = [];
    private readonly Dictionary<string, long> _last = [];

    public List<DeferredMessage> Messages { get; } = [];

    public List<(DeferredEnd End, string MessageId)> Notices { get; } = [];

    public Deferral Add(DeferredMessage message, DeferralQuota quota)
    {
        var (user, size) = (message.User, message.Content.Size);
        if (Messages.Any(each => each.User == user && each.Key == message.Key)
            || (_past.TryGetValue((user, message.Key), out var until) && until > message.ReceivedAt))
            return Deferral.Known;

        var count = Count(user);
        if (count.Messages + 1 > quota.UserMessages || count.Bytes + size > quota.UserBytes)
            return Deferral.UserFull;

        if (Messages.Count + 1 > quota.Messages || Messages.Sum(each => each.Content.Size) + size > quota.Bytes)
            return Deferral.NodeFull;

        _last[user] = _last.GetValueOrDefault(user) + 1;
        Messages.Add(message with { Number = _last[user] });
        return Deferral.Kept;
    }

    public int Remove(string user, IEnumerable<long> numbers, DeferredEnd end, DateTimeOffset now) => numbers.Count(
        number => Messages.Find(each => each.User == user && each.Number == number) is { } message
            && Remove(message, end, now));

    public int Expire(DateTimeOffset now)
    {
        var expired = Messages.Where(each => each.ExpiresAt <= now).ToList();
        return expired.Count(message => Remove(message, DeferredEnd.Expired, now));
    }

    public DeferredCount Count(string user)
    {
        var his = Messages.Where(each => each.User == user).ToList();
        return new(his.Count, his.Sum(each => each.Content.Size));
    }

    private bool Remove(DeferredMessage message, DeferredEnd end, DateTimeOffset now)
    {
        Messages.Remove(message);
        _past[(message.User, message.Key)] = now.AddMinutes(10);
        if (message.Notices is { } asked && (end == DeferredEnd.Delivered ? asked.Delivery : asked.NegativeDelivery))
            Notices.Add((end, asked.MessageId));
        return true;
    }
}
