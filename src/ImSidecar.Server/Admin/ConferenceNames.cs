using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;
using ImSidecar.Server.Hosting;

namespace ImSidecar.Server.Admin;

/// <summary>Which conference an operator means: by its id, its session identity or the group that it is of.</summary>
internal sealed class ConferenceNames(AggregateRouter router, ConferenceIds ids)
{
    private const int LongestName = 1024;

    public Conference Find(string name)
    {
        if (name.Length is 0 or > LongestName)
            throw AdminError.Invalid("A conference is named by its id, its session identity or its group");

        return Of(name) ?? throw AdminError.NotFound($"There is no conference {name}");
    }

    public Conference? Peek(string id) => router.Peek(new(id)) as Conference;

    private Conference? Of(string name)
    {
        if (!SipUri.TryParse(name, out var uri))
            return Peek(name);

        var found = SessionName.TryReadId(uri.User, out var id)
            ? Peek(id.Value)
            : Peek(ids.OfGroup(uri.AddressKey).Value);
        return found is not null
            && (found.SessionIdentity.SameAddress(uri) || found.GroupIdentity?.SameAddress(uri) == true)
            ? found
            : null;
    }
}
