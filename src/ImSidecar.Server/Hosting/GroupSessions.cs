using System.Collections.Concurrent;
using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Server.Hosting;

/// <summary>The pre-defined groups that have a session here, by address key.</summary>
internal sealed class GroupSessions
{
    private readonly ConcurrentDictionary<string, Conference> _sessions = new();

    public IEnumerable<SipUri> Identities => _sessions.Values.Select(session => session.GroupIdentity!);

    public AggregateId? Find(string addressKey) => _sessions.TryGetValue(addressKey, out var found) ? found.Id : null;

    public void Change(Conference? before, Conference? after)
    {
        if (after is { IsOver: false, GroupIdentity: { } group })
            _sessions[group.AddressKey] = after;
        else if (before?.GroupIdentity is { } former)
            _sessions.TryRemove(former.AddressKey, out _);
    }
}
