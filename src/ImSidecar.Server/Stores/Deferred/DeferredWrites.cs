using System.Collections.Immutable;
using ImSidecar.Core.Deferred;

namespace ImSidecar.Server.Stores.Deferred;

/// <summary>A message on its way into the store.</summary>
internal sealed class DeferredAdd(DeferredRow row, Ends tellsOf, DeferralQuota quota) : StoreWrite
{
    public DeferredRow Row => row;

    public byte[] Digest { get; } = DeferredRowFormat.DigestOf(row.Key);

    public Ends TellsOf => tellsOf;

    public DeferralQuota Quota => quota;

    /// <summary>Set by who writes it.</summary>
    public Deferral Result { get; set; }

    public override bool IsOfExisting => false;
}

/// <summary>Messages of one user on their way out of the store.</summary>
internal sealed class DeferredRemoval(string user, ImmutableArray<long> numbers, DeferredEnd end, long at) : StoreWrite
{
    public string User => user;

    public ImmutableArray<long> Numbers => numbers;

    public DeferredEnd End => end;

    public long At => at;

    /// <summary>Set by who writes it: how many there were.</summary>
    public int Count { get; set; }

    public override bool IsOfExisting => true;
}

/// <summary>The same with what has expired, and what need not be remembered any more.</summary>
internal sealed class DeferredExpiry(long at, int most) : StoreWrite
{
    public long At => at;

    public int Most => most;

    public int Count { get; set; }

    public override bool IsOfExisting => true;
}

/// <summary>Notices that senders have got.</summary>
internal sealed class NoticesTold(ImmutableArray<long> numbers) : StoreWrite
{
    public ImmutableArray<long> Numbers => numbers;

    public override bool IsOfExisting => true;
}
