using ImSidecar.Core.Conferences;
using ImSidecar.Core.Participating;
using ImSidecar.Msrp;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;
using ImSidecar.Server.Hosting;
using ImSidecar.Server.Stores;

namespace ImSidecar.Server.Participating;

/// <summary>Whose half a request asks: the sender's, the receiver's, or that of who has registered.</summary>
internal sealed class ServedUserIds(NodeSecret secret, Live<OperatorPolicy> policy)
{
    public AggregateId? Of(ImRequest request) => request switch
    {
        PassingRequest { Half: SessionCase.Originating } passing => Of(passing.Originator ?? passing.From.Uri),
        PassingRequest passing => Of(passing.Uri),
        RegisterRequest register when policy.Value.Participating.Sources.Contains(RegistrationSource.ThirdParty) =>
            Of(register.To.Uri),
        _ => null,
    };

    public AggregateId Of(SipUri user) => OfKey(ServedAddress.KeyOf(user));

    /// <summary>By the key of <see cref="ServedAddress"/>.</summary>
    public AggregateId OfKey(string key) => AggregateId.Of(AggregateKind.ServedUser, secret.Name("served\n" + key));
}
