using System.Collections.Concurrent;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Messages;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Server.Participating;

/// <summary>
/// Who hides behind requests of this node, by conference and by From tag of a message: the wire does not say it, but
/// the rules of who is called are about him.
/// </summary>
internal sealed class HiddenCallers
{
    private readonly ConcurrentDictionary<string, SipUri> _callers = new();

    /// <summary>Null: nobody, or the request is not of this node.</summary>
    public SipUri? Behind(PassingRequest request) =>
        KeyOf(request) is { } key ? _callers.GetValueOrDefault(key) : null;

    public void Change(Conference? before, Conference? after)
    {
        if (after is { IsOver: false, HiddenInviter: { } inviter })
            _callers[after.Id.Value] = inviter;
        else if (before is not null)
            _callers.TryRemove(before.Id.Value, out _);
    }

    public void Change(PageMessage? before, PageMessage? after)
    {
        if (after is { IsAnonymous: true })
            _callers[after.FromTag] = after.Sender;
        else if (before is not null)
            _callers.TryRemove(before.FromTag, out _);
    }

    private static string? KeyOf(PassingRequest request) =>
        request.Contact is { } contact && SessionName.TryReadId(contact.Uri.User, out var id)
            ? id.Value
            : request.From.Tag;
}
