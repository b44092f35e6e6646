using ImSidecar.Core.Conferences;
using ImSidecar.Msrp;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;
using ImSidecar.Server.Gateway.V1;
using ImSidecar.Server.Hosting;
using ImSidecar.Server.Participating;

namespace ImSidecar.Server.Gateway;

/// <summary>
/// Where a request goes depends on its parties, and these are looked up in memory: after a start they are read before,
/// if they are stored and nobody has done so yet.
/// </summary>
internal sealed class StoredParties(AggregateRouter router, ServedUserIds served, Live<OperatorPolicy> policy)
{
    public async ValueTask KnowAsync(Request wire)
    {
        if (!policy.Value.Participating.IsOn || !router.Resumption.IsUnderway
            || SipEventReader.ReadHead(wire, policy.Value.LenientUri).Head is not { } head)
            return;

        foreach (var id in PartiesOf(head).Where(id => router.Peek(id) is null))
            await router.ResumeAsync(id);
    }

    // The conference of a Contact may know who hides behind it.
    private IEnumerable<AggregateId> PartiesOf(RequestHead head)
    {
        yield return served.Of(head.Uri);
        if (new PassingRequest(head) { Half = head.SessionCase }.Originator is { } sender)
            yield return served.Of(sender);
        if (head.Contact is { } contact && SessionName.TryReadId(contact.Uri.User, out var conference))
            yield return conference;
    }
}
