using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Identity;
using ImSidecar.Core.Policies;
using ImSidecar.Core.Rules;
using ImSidecar.Protocol.ResourceLists;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Messages;

/// <summary>Who is to get a message, each once: the users of its list, or the group without the sender.</summary>
internal static class MessageRecipients
{
    public static bool TryFind(
        MessageRequest request, ResourceList? list, Facts facts, out ImmutableArray<Recipient> recipients,
        out Respond refusal)
    {
        refusal = null!;
        if (list is not null)
            return TryReadList(request, list, facts, out recipients, out refusal);

        recipients = [.. Numbered(Members(request, facts.Group!, facts))];
        if (recipients.IsEmpty)
            refusal = Refuse(request, SipStatus.TemporarilyUnavailable, "Nobody else in the group can be reached");
        return !recipients.IsEmpty;
    }

    private static bool TryReadList(
        MessageRequest request, ResourceList list, Facts facts, out ImmutableArray<Recipient> recipients,
        out Respond refusal)
    {
        recipients = [];
        refusal = null!;
        var seen = new PersonSet();
        var users = new List<(SipUri, string?)>();
        foreach (var entry in list.Entries)
        {
            if (!TargetUri.TryParse(entry.Uri, facts.Operator.LenientUri, out var target, out var fault))
            {
                refusal = Refuse(request, SipStatus.BadRequest, "Recipient list holds a " + fault);
                return false;
            }

            if (seen.Add(target.Address))
                users.Add((target.Address, entry.DisplayName));
        }

        if (users.Count == 0)
            refusal = Refuse(request, SipStatus.BadRequest, "Recipient list names nobody");
        else if (users.Count > facts.Operator.MaxMessageRecipients)
            refusal = Refuse(request, SipStatus.Forbidden, "Too many recipients");
        if (refusal is not null)
            return false;

        var verdicts = users.ConvertAll(user =>
            InvitationPolicy.Decide(Joiner.Of(user.Item1).Who, facts.Operator));
        recipients = [.. Numbered(users.Where((_, i) => verdicts[i].Allowed))];
        if (recipients.IsEmpty)
            refusal = Refuse(request, SipStatus.Forbidden, verdicts[0].Reason) with
            {
                Explanation = verdicts[0].Explanation,
            };
        return !recipients.IsEmpty;
    }

    // Who may not join is not told what is said there.
    private static IEnumerable<(SipUri, string?)> Members(MessageRequest request, GroupFacts known, Facts facts)
    {
        var sender = Joiner.Of(request).Who.Keys.ToHashSet();
        return known.Group!.AllMembers
            .Where(member => !sender.Contains(member.Address.PersonKey)
                && InvitationPolicy.Decide(Joiner.Of(member.Address).Who, facts.Operator).Allowed
                && JoiningPolicy.Decide(known, Joiner.Of(member.Address), facts).Allowed)
            .Select(member => (member.Address.Bare, member.DisplayName))
            .Take(facts.Operator.MaxGroupParticipants);
    }

    private static IEnumerable<Recipient> Numbered(IEnumerable<(SipUri Address, string? Name)> users) =>
        users.Select((user, i) => new Recipient
        {
            Id = $"r{i + 1}",
            Address = user.Address,
            DisplayName = DisplayName.Bounded(user.Name),
        });

    private static Respond Refuse(MessageRequest request, SipStatus status, string warning) =>
        new(request.Transaction, status, warning);
}
