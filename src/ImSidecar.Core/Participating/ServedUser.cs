using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Participating;

/// <summary>
/// A user of ours as the Participating IM Function knows him, IM 13: there is one only while something is to be known.
/// </summary>
public sealed record ServedUser : Aggregate
{
    /// <summary>As his documents are selected.</summary>
    public required SipUri Address { get; init; }

    /// <summary>Where he is registered, and for a while where he was.</summary>
    public ImmutableArray<RegisteredContact> Contacts { get; init; } = [];

    /// <summary>How the registrar tells us where he is; null: it does not.</summary>
    public RegistrationWatch? Watch { get; init; }

    /// <summary>
    /// Where the registrar is asked: until when something that was kept for him may wait; null: nothing does.
    /// </summary>
    public DateTimeOffset? KeptUntil { get; init; }

    public ServiceSettings Settings { get; init; } = ServiceSettings.Default;

    /// <summary>
    /// The contact that he has registered last of those that take messages; null: there is none, or all that is known
    /// of it is the S-CSCF.
    /// </summary>
    public string? NewestContact(DateTimeOffset now) =>
        Contacts.LastOrDefault(each => each.TakesMessages && each.ExpiresAt > now) is { } newest
            && (newest.Source != RegistrationSource.ThirdParty || !newest.FeatureTags.IsEmpty)
            ? newest.Contact
            : null;

    /// <summary>He can be reached by the service at one of his contacts.</summary>
    public bool IsRegistered(DateTimeOffset now)
    {
        foreach (var contact in Contacts)
        {
            if (contact.TakesMessages && contact.ExpiresAt > now)
                return true;
        }

        return false;
    }
}

/// <summary>A contact, RFC 3261 10.3; one that is gone is remembered, so that older news does not bring it back.</summary>
public sealed record RegisteredContact
{
    /// <summary>The URI as it was registered.</summary>
    public required string Contact { get; init; }

    public required RegistrationSource Source { get; init; }

    public ImmutableArray<string> FeatureTags { get; init; } = [];

    /// <summary>Of a contact that is gone: until when it is remembered.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    public bool IsGone { get; init; }

    /// <summary>Of the REGISTER that said so last.</summary>
    public required string CallId { get; init; }

    public long CSeq { get; init; }

    /// <summary>Without tags nobody knows what it cannot do, RFC 3840 9.</summary>
    public bool TakesMessages => !IsGone && (FeatureTags.IsDefaultOrEmpty || FeatureTags.Any(NamesService));

    private static bool NamesService(string tag) =>
        tag.StartsWith(Protocol.Sip.FeatureTags.Im, StringComparison.OrdinalIgnoreCase)
        && (tag.Length == Protocol.Sip.FeatureTags.Im.Length || tag[Protocol.Sip.FeatureTags.Im.Length] is '.' or '=');
}
