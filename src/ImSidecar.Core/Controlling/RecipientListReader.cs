using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Identity;
using ImSidecar.Protocol.ResourceLists;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Controlling;

/// <summary>Whom an INVITE's recipient list names, RFC 5366 and RFC 5363: each user once, never the inviter.</summary>
internal static class RecipientListReader
{
    public static bool TryRead(
        InviteRequest request, SipUri inviter, out ImmutableArray<Invitee> invitees, out string problem)
    {
        invitees = [];
        if (request.RecipientList is not { } body)
        {
            problem = "Recipient list is missing";
            return false;
        }

        if (!ResourceListXml.TryParse(body, out var list, out problem))
            return false;

        var seen = new HashSet<string> { inviter.AddressKey };
        var users = ImmutableArray.CreateBuilder<Invitee>();
        foreach (var entry in list.Entries)
        {
            if (!SipUri.TryParse(entry.Uri, out var uri))
            {
                problem = "Recipient list holds a malformed URI";
                return false;
            }

            // Headers and method of an entry are instructions for us, no part of the address.
            if (seen.Add(uri.AddressKey))
                users.Add(new(uri.Bare, DisplayName.Bounded(entry.DisplayName)));
        }

        invitees = users.DrainToImmutable();
        problem = invitees.IsEmpty ? "Recipient list names nobody to invite" : "";
        return !invitees.IsEmpty;
    }
}
