using System.Globalization;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Deferred;
using ImSidecar.Msrp;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;
using ImSidecar.Server.Stores;

namespace ImSidecar.Server.Hosting;

/// <summary>
/// Which message to several a MESSAGE is: derived from who sends it, what it is addressed to and what RFC 3261 8.2.2.2
/// tells copies by, so that the same one sent again finds what came of it.
/// </summary>
internal sealed class MessageIds(NodeSecret secret, Live<OperatorPolicy> policy)
{
    public AggregateId? Of(ImRequest request)
    {
        if (request is not MessageRequest message || !IsToSeveral(message.Uri))
            return null;

        var cseq = message.CSeq.ToString(CultureInfo.InvariantCulture);
        var sender = message.Originator?.AddressKey;
        return AggregateId.Of(AggregateKind.PageMessage, secret.Name(
            $"message\n{message.Uri.AddressKey}\n{sender}\n{message.CallId}\n{message.From.Tag}\n{cseq}"));
    }

    /// <summary>That a sender is to be told what became of a message that was kept.</summary>
    public AggregateId OfNotice(DeferredNotice notice) => AggregateId.Of(
        AggregateKind.PageMessage,
        secret.Name(string.Create(
            CultureInfo.InvariantCulture, $"notice\n{notice.Number}\n{notice.Asked.MessageId}\n{notice.At.Ticks}")));

    private bool IsToSeveral(SipUri uri) =>
        uri.SameAddress(policy.Value.ListServerUri)
        || uri.Host.Equals(policy.Value.GroupDomain, StringComparison.OrdinalIgnoreCase);
}
