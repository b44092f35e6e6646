using System.Globalization;
using ImSidecar.Core.Conferences;
using ImSidecar.Msrp;
using ImSidecar.Protocol.Sip.Requests;
using ImSidecar.Server.Hosting;
using ImSidecar.Server.Stores;

namespace ImSidecar.Server.Deferred;

/// <summary>
/// Which session with the message store an INVITE or REFER begins: derived from what makes its copies the same, RFC 3261 8.2.2.2.
/// What follows within the dialog names it, for that is our Contact.
/// </summary>
internal sealed class DeferredIds(NodeSecret secret, Live<OperatorPolicy> policy)
{
    public AggregateId? Of(ImRequest request) => request switch
    {
        DepositRequest => OfCall(request),
        InviteRequest or ReferRequest { IsInitial: true } when IsToStore(request) => OfCall(request),
        _ => null,
    };

    private bool IsToStore(ImRequest request) =>
        policy.Value.Deferred is { IsOn: true, Uri: { } uri } && request.Uri.SameAddress(uri);

    private AggregateId OfCall(ImRequest request) => AggregateId.Of(
        AggregateKind.DeferredSession,
        secret.Name(string.Create(
            CultureInfo.InvariantCulture,
            $"deferred\n{request.Uri.AddressKey}\n{request.CallId}\n{request.From.Tag}\n{request.CSeq}")));
}
