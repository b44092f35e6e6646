using System.Collections.Immutable;

namespace ImSidecar.Core.Deferred;

/// <summary>
/// Keeps messages for users who are away. What is answered is durable; throws when the store cannot be reached or
/// written. Its keys are users, never conferences; nothing here grows with the number of messages of others.
/// </summary>
public interface IDeferredMessageStore
{
    /// <summary>Numbers it and keeps it, once however often it comes; within the quota, checked in the same step.</summary>
    ValueTask<Deferral> AddAsync(DeferredMessage message, DeferralQuota quota, CancellationToken cancellation);

    /// <summary>The messages of a user after that number that have not expired, in order; at least one if there is any.</summary>
    ValueTask<ImmutableArray<DeferredMessage>> ReadAsync(
        string user, long after, int most, long mostBytes, DateTimeOffset now, CancellationToken cancellation);

    /// <summary>One of them; null: there is none of that number.</summary>
    ValueTask<DeferredMessage?> FindAsync(string user, long number, CancellationToken cancellation);

    ValueTask<ImmutableArray<DeferredEntry>> ListAsync(
        string user, long after, int most, DateTimeOffset now, CancellationToken cancellation);

    /// <summary>What waits for a user, and how large it is.</summary>
    ValueTask<DeferredCount> CountAsync(string user, CancellationToken cancellation);

    /// <summary>What waits on all users of this store.</summary>
    ValueTask<DeferredCount> CountAllAsync(CancellationToken cancellation);

    /// <summary>
    /// Takes messages of a user out for good, and in the same step keeps the notices that their senders asked for.
    /// How many there were.
    /// </summary>
    ValueTask<int> RemoveAsync(
        string user, ImmutableArray<long> numbers, DeferredEnd end, DateTimeOffset now, CancellationToken cancellation);

    /// <summary>The same with what has expired, a bounded number at a time. How many there were.</summary>
    ValueTask<int> ExpireAsync(DateTimeOffset now, int most, CancellationToken cancellation);

    /// <summary>Users for whom something waits, in the order of their keys, after that one.</summary>
    ValueTask<ImmutableArray<string>> UsersAsync(string after, int most, CancellationToken cancellation);

    /// <summary>What senders are to be told and have not been, the longest waiting first.</summary>
    ValueTask<ImmutableArray<DeferredNotice>> NoticesAsync(int most, CancellationToken cancellation);

    /// <summary>Those need not be told any more.</summary>
    ValueTask ForgetNoticesAsync(ImmutableArray<long> numbers, CancellationToken cancellation);
}

/// <summary>How keeping a message ended.</summary>
public enum Deferral
{
    Kept,

    /// <summary>A copy of it is kept already.</summary>
    Known,

    /// <summary>The user has as many messages or bytes as he may.</summary>
    UserFull,

    /// <summary>The store has.</summary>
    NodeFull,

    /// <summary>The store cannot be written now, or has too much before it.</summary>
    Unavailable,
}

/// <summary>The most messages and bytes of one user, and of the store.</summary>
public sealed record DeferralQuota(long UserMessages, long UserBytes, long Messages, long Bytes)
{
    public static DeferralQuota None { get; } = new(long.MaxValue, long.MaxValue, long.MaxValue, long.MaxValue);
}

public readonly record struct DeferredCount(long Messages, long Bytes);

/// <summary>Why a message is not kept any more.</summary>
public enum DeferredEnd
{
    Delivered,
    Expired,

    /// <summary>Its recipient did not want it, or the operator.</summary>
    Deleted,
}

/// <summary>A sender is to be told what became of his message, RFC 5438 7.2.1; it outlives the message.</summary>
public sealed record DeferredNotice(
    long Number, DeferredEnd End, Protocol.Sip.SipUri Sender, Protocol.Sip.SipUri Recipient, DeferredNotices Asked,
    DateTimeOffset At);
