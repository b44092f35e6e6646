using System.Globalization;
using ImSidecar.Core.Conferences;
using ImSidecar.Msrp;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;
using ImSidecar.Server.Stores;

namespace ImSidecar.Server.Hosting;

/// <summary>
/// Which conference a request is for: named by its Request-URI, derived from the group it names, or, for an INVITE to
/// the factory, from its Call-ID, From tag and CSeq, so that the same INVITE sent again finds the conference it made.
/// </summary>
internal sealed class ConferenceIds(NodeSecret secret, Live<OperatorPolicy> policy)
{
    public AggregateId? Of(ImRequest request)
    {
        if (request.Uri.Host.Equals(policy.Value.GroupDomain, StringComparison.OrdinalIgnoreCase))
            return OfGroup(request.Uri.AddressKey);

        if (!request.Uri.Host.Equals(policy.Value.ConferenceFactory.Host, StringComparison.OrdinalIgnoreCase))
            return null;

        if (SessionName.TryReadId(request.Uri.User, out var id))
            return id;

        return request is InviteRequest && request.Uri.SameAddress(policy.Value.ConferenceFactory)
            ? OfInvite(request.CallId, request.From.Tag, request.CSeq)
            : null;
    }

    /// <summary>A pre-defined group has one conference: whoever calls it first, all others meet him there.</summary>
    public AggregateId OfGroup(string addressKey) => new(secret.Name("group\n" + addressKey));

    /// <summary>
    /// The conference that an INVITE to the factory made: what an ACK without a transaction still names. Kamailio's module
    /// chooses a node by the Call-ID, so that the conference falls to the node that makes it.
    /// </summary>
    public AggregateId OfInvite(string callId, string? fromTag, long cseq) => new(secret.Name(
        callId + "\n" + fromTag + "\n" + cseq.ToString(CultureInfo.InvariantCulture), Slot.OfText(callId)));
}
