using System.Collections.Immutable;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Rules;

/// <summary>Who asks, by every identity that the network asserts; nobody asserted is an anonymous request.</summary>
public sealed record Requester
{
    /// <param name="isAnonymous">The identity is not to be used: only rules for anonymous requests match.</param>
    public Requester(ImmutableArray<SipUri> identities, bool isAnonymous = false)
    {
        Identities = identities.IsDefault ? [] : identities;
        IsAnonymous = isAnonymous || Identities.IsEmpty;
        Keys = [.. Identities.Select(each => each.PersonKey)];
    }

    public Requester(SipUri identity)
        : this([identity])
    {
    }

    public static Requester Anonymous { get; } = new([], isAnonymous: true);

    public ImmutableArray<SipUri> Identities { get; }

    public bool IsAnonymous { get; }

    /// <summary>Person keys of the identities.</summary>
    internal ImmutableArray<string> Keys { get; }

    /// <summary>As an explanation names him.</summary>
    public override string ToString() =>
        IsAnonymous ? "an anonymous requester" : RuleText.Clean(Identities[0].AddressKey);
}
