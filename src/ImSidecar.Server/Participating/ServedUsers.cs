using System.Collections.Concurrent;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Participating;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Server.Participating;

/// <summary>
/// The served users of whom this node knows something, by their keys: looked up for each request, never walked through.
/// </summary>
internal sealed class ServedUsers
{
    private readonly ConcurrentDictionary<string, ServedUser> _held = new();
    private int _count;
    private int _inactive;
    private int _absent;

    public int Count => Volatile.Read(ref _count);

    /// <summary>Of them those who are registered nowhere.</summary>
    public int Absent => Volatile.Read(ref _absent);

    public ServedUser? Of(SipUri user) => Of(ServedAddress.KeyOf(user));

    public ServedUser? Of(string key) => _held.GetValueOrDefault(key);

    /// <summary>His requests are not to go on, to nobody: his own half has to say so.</summary>
    public bool IsInactive(SipUri user) =>
        Volatile.Read(ref _inactive) > 0 && Of(user) is { Settings.IsActive: false };

    /// <summary>What a mailbox holds has become something else; null: there was or is nothing.</summary>
    public void Change(ServedUser? before, ServedUser? after)
    {
        Add(ref _inactive, IsInactive(after) - IsInactive(before));
        Add(ref _absent, IsAbsent(after) - IsAbsent(before));
        Add(ref _count, (after is null ? 0 : 1) - (before is null ? 0 : 1));

        if (after is not null)
            _held[ServedAddress.KeyOf(after.Address)] = after;
        else if (before is not null)
            _held.TryRemove(ServedAddress.KeyOf(before.Address), out _);
    }

    private static int IsInactive(ServedUser? user) => user is { Settings.IsActive: false } ? 1 : 0;

    private static int IsAbsent(ServedUser? user) => user?.Contacts.All(contact => contact.IsGone) == true ? 1 : 0;

    private static void Add(ref int count, int change)
    {
        if (change != 0)
            Interlocked.Add(ref count, change);
    }
}
