using System.Collections.Immutable;
using System.Globalization;
using ImSidecar.Core.Rules;

namespace ImSidecar.Core.Conferences;

/// <summary>
/// Who may come into an ad-hoc session again: who started it, was invited or was added, until he is expelled. What a
/// group document decides for a pre-defined group; one look-up for each asserted address.
/// </summary>
internal static class GuestList
{
    // Two addresses for everybody who is there, and as many for those who are gone.
    private const int Factor = 4;

    public static bool IsGuest(this Conference conference, Requester who)
    {
        foreach (var key in who.Keys)
        {
            if (conference.Guests.ContainsKey(key))
                return true;
        }

        return false;
    }

    /// <summary>Once known by two addresses he is one by each; who is gone longest is forgotten first.</summary>
    public static Conference WithGuest(
        this Conference conference, string participant, ImmutableArray<string> keys, OperatorPolicy policy)
    {
        if (conference.GroupIdentity is not null)
            return conference;

        var before =
            keys.Select(key => conference.Guests.GetValueOrDefault(key)?.Participant).OfType<string>().ToList();
        var others = before.Count == 0
            ? []
            : conference.Guests.Values.Where(guest => before.Contains(guest.Participant)).Select(guest => guest.Key);
        var guests = conference.Guests.SetItems(keys.Concat(others).Distinct()
            .Select(key => KeyValuePair.Create(key, new Guest(key, participant))));
        return conference with { Guests = Bounded(guests, conference, participant, policy.MaxAdHocParticipants) };
    }

    /// <summary>He was expelled; who adds him again lifts that.</summary>
    public static Conference WithoutGuest(this Conference conference, Participant expelled)
    {
        // One who is anonymous may have been invited once more, as if he were not there.
        var own = expelled.OtherAddresses.Add(expelled.Address).Select(each => each.PersonKey)
            .Select(key => conference.Guests.GetValueOrDefault(key)?.Participant ?? expelled.Id)
            .Append(expelled.Id).ToHashSet();
        var keys = conference.Guests.Values.Where(guest => own.Contains(guest.Participant)).Select(guest => guest.Key);
        return conference with { Guests = conference.Guests.RemoveRange(keys) };
    }

    private static ImmutableDictionary<string, Guest> Bounded(
        ImmutableDictionary<string, Guest> guests, Conference conference, string newest, int places)
    {
        var tooMany = guests.Count - Factor * places;
        return tooMany <= 0
            ? guests
            : guests.RemoveRange(guests.Values
                .Where(guest => guest.Participant != newest && !conference.Participants.ContainsKey(guest.Participant))
                .OrderBy(guest => int.Parse(guest.Participant.AsSpan(1), CultureInfo.InvariantCulture))
                .Take(tooMany)
                .Select(guest => guest.Key));
    }
}
