using ImSidecar.Core.Conferences;
using ImSidecar.Core.Documents;
using ImSidecar.Msrp;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;
using ImSidecar.Server.Stores;

namespace ImSidecar.Server.Hosting;

/// <summary>
/// Which subscription to documents a request is for: named by its Request-URI, which is our Contact, or for a SUBSCRIBE
/// outside a dialog derived from the dialog it makes, so that the same one sent again finds it.
/// </summary>
internal sealed class DocumentIds(NodeSecret secret, Live<OperatorPolicy> policy)
{
    public AggregateId? Of(ImRequest request)
    {
        if (TryRead(request.Uri, out var id))
            return id;

        return request is SubscribeRequest { IsInitial: true } subscribe && XcapDiffPackage.IsAskedFor(subscribe)
            ? Of(request.Dialog)
            : null;
    }

    /// <summary>Our own subscription at that address.</summary>
    public AggregateId OfWatch(SipUri notifier) =>
        AggregateId.Of(AggregateKind.DocumentWatch, secret.Name("watch\n" + notifier.Text));

    private bool TryRead(SipUri uri, out AggregateId id)
    {
        id = new(uri.User);
        return id.Kind != AggregateKind.Conference
            && uri.Host.Equals(policy.Value.ConferenceFactory.Host, StringComparison.OrdinalIgnoreCase)
            && uri.User.Length == AggregateId.Of(id.Kind, "").Value.Length + NodeNames.Length
            && NodeNames.AreCharacters(uri.User.AsSpan(uri.User.Length - NodeNames.Length));
    }

    private AggregateId Of(DialogId dialog) => AggregateId.Of(
        AggregateKind.DocumentSubscription,
        secret.Name($"documents\n{dialog.CallId}\n{dialog.RemoteTag}\n{dialog.LocalTag}"));
}
