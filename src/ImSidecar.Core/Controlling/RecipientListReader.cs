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
        InviteRequest request, SipUri inviter, OperatorPolicy policy, out ImmutableArray<Invitee> invitees,
        out string problem)
    {
        invitees = [];
        if (request.RecipientList is not { } body)
        {
            problem = "Recipient list is missing";
            return false;
        }

        if (!ResourceListXml.TryParse(body, out var list, out problem))
            return false;

        var seen = new PersonSet();
        foreach (var identity in request.Head.Identities)
            seen.Add(identity.Uri);
        seen.Add(inviter);

        var users = ImmutableArray.CreateBuilder<Invitee>();
        foreach (var entry in list.Entries)
        {
            if (!TargetUri.TryParse(entry.Uri, policy.LenientUri, out var target, out var fault))
            {
                problem = "Recipient list holds a " + fault;
                return false;
            }

            if (seen.Add(target.Address))
                users.Add(new(target.Address, DisplayName.Bounded(entry.DisplayName))
                {
                    Replaces = target.Replaces,
                    PersonKey = target.PersonKey,
                });
        }

        invitees = users.DrainToImmutable();
        problem = invitees.IsEmpty ? "Recipient list names nobody to invite" : "";
        return !invitees.IsEmpty;
    }
}
