using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Participating;

/// <summary>What a registration changes: contacts come, are prolonged, and go; RFC 3261 10.3.</summary>
internal static class Registrations
{
    private const int MaxContact = 2048;
    private const int MaxTags = 64;
    private const int MaxTag = 256;

    /// <summary>The same value if there is nothing new in it.</summary>
    public static ServedUser? OnChange(
        ServedUser? current, AggregateId id, SipUri user, RegistrationChange change, Facts facts)
    {
        if (!facts.Operator.Participating.Sources.Contains(change.Source)
            || (current is null && facts.Served?.OfNode >= facts.Operator.Participating.MaxServedUsers))
            return current;

        var before = current ?? new() { Id = id, Address = user.Bare };
        var next = Change(before, change, facts);
        var address = ServedAddress.Preferred(next.Address, user);
        if (!address.Equals(next.Address))
            next = next with { Address = address };
        return ReferenceEquals(next, before) ? current : Settle(next);
    }

    public static ServedUser Change(ServedUser user, RegistrationChange change, Facts facts)
    {
        var contacts = user.Contacts;
        foreach (var binding in change.Contacts)
            contacts = Apply(contacts, binding, change, facts);
        return contacts == user.Contacts ? user : user with { Contacts = Bounded(contacts, facts) };
    }

    /// <summary>What has expired is forgotten.</summary>
    public static ServedUser? OnTimeElapsed(ServedUser current, Facts facts)
    {
        ImmutableArray<RegisteredContact> left =
            [.. current.Contacts.Where(contact => contact.ExpiresAt > facts.Now)];
        return left.Length == current.Contacts.Length ? current : Settle(current with { Contacts = left });
    }

    public static DateTimeOffset? NextDue(ServedUser current) =>
        current.Contacts.IsEmpty ? null : current.Contacts.Min(contact => contact.ExpiresAt);

    /// <summary>Null when nothing is left to be known.</summary>
    public static ServedUser? Settle(ServedUser next) =>
        next is { Contacts.IsEmpty: true, Watch: null } && next.Settings == ServiceSettings.Default ? null : next;

    private static ImmutableArray<RegisteredContact> Apply(
        ImmutableArray<RegisteredContact> contacts, ContactBinding binding, RegistrationChange change, Facts facts)
    {
        if (binding.Contact == ContactBinding.All)
        {
            return binding.Expires > 0
                ? contacts
                : contacts.Where(each => each.Source == change.Source && !each.IsGone)
                    .Select(each => new ContactBinding(each.Contact, each.FeatureTags, 0))
                    .Aggregate(contacts, (next, each) => Apply(next, each, change, facts));
        }

        // Whoever tells it, a phone has written it.
        if (binding.Contact.Length > MaxContact)
            return contacts;

        var known = contacts.FirstOrDefault(
            each => each.Contact == binding.Contact && each.Source == change.Source);
        if (known is not null && known.CallId == change.CallId && known.CSeq >= change.CSeq)
            return contacts;

        var isGone = binding.Expires is not > 0;
        var next = new RegisteredContact
        {
            Contact = binding.Contact,
            Source = change.Source,
            FeatureTags = Bounded(binding.FeatureTags),
            ExpiresAt = facts.Now
                + (isGone ? facts.Operator.ForgetAfter : TimeSpan.FromSeconds(binding.Expires!.Value)),
            IsGone = isGone,
            CallId = change.CallId,
            CSeq = change.CSeq,
        };

        // In the order in which they came, or came back.
        return known switch
        {
            null => contacts.Add(next),
            { IsGone: true } => contacts.Remove(known).Add(next),
            _ => contacts.Replace(known, next),
        };
    }

    private static ImmutableArray<string> Bounded(ImmutableArray<string> tags) =>
        tags.Length <= MaxTags && tags.All(tag => tag.Length <= MaxTag)
            ? tags
            : [.. tags.Where(tag => tag.Length <= MaxTag).Take(MaxTags)];

    // Whoever is over first has to go, and what is gone already before all others.
    private static ImmutableArray<RegisteredContact> Bounded(
        ImmutableArray<RegisteredContact> contacts, Facts facts) =>
        contacts.Length <= facts.Operator.Participating.MaxContacts
            ? contacts
            :
            [
                .. contacts.OrderBy(each => each.IsGone).ThenByDescending(each => each.ExpiresAt)
                    .Take(facts.Operator.Participating.MaxContacts),
            ];
}
