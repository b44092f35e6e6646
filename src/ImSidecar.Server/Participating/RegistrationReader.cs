using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;
using ImSidecar.Server.Gateway.V1;

namespace ImSidecar.Server.Participating;

/// <summary>A contact of the local registrar: whose it is, and what is told of it.</summary>
internal static class RegistrationReader
{
    private const int MaxContact = 2048;
    private const int MaxTags = 64;
    private const int MaxTag = 256;

    /// <summary>Null when it says nothing that can be used, or of nobody who is served.</summary>
    public static RegistrationChanged? Read(Registration wire, ParticipatingPolicy policy)
    {
        if (!policy.Sources.Contains(RegistrationSource.Registrar)
            || !SipUri.TryParse(wire.AddressOfRecord, out var user)
            || (user.Scheme != "tel" && !policy.Serves(user))
            || wire.Contact.Length is 0 or > MaxContact)
            return null;

        var binding = new ContactBinding(
            wire.Contact,
            [.. wire.FeatureTags.Where(tag => tag.Length <= MaxTag).Take(MaxTags)],
            (int)Math.Min(wire.ExpiresSeconds, int.MaxValue));
        return new(user, new(RegistrationSource.Registrar, [binding], wire.CallId, wire.Cseq));
    }
}
