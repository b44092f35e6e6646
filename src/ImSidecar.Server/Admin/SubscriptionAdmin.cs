using System.Globalization;
using ImSidecar.Admin.V1;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Controlling;
using ImSidecar.Core.Documents;
using ImSidecar.Grpc;
using ImSidecar.Protocol.Sip;
using ImSidecar.Server.Hosting;
using ImSidecar.Server.Xdm.Diff;

namespace ImSidecar.Server.Admin;

/// <summary>
/// Lists who has subscribed to conference state, conference by conference, and then who has to documents. A place in
/// that list is c/CONFERENCE/NUMBER or d/ID.
/// </summary>
internal sealed class SubscriptionAdmin(
    ConferenceDirectory directory, ConferenceNames names, DocumentSubscribers documents, AggregateRouter router)
{
    private const string OfConference = "c/";
    private const string OfDocuments = "d/";

    public Task<ListSubscriptionsResponse> ListAsync(ListSubscriptionsRequest request, GrpcContext context)
    {
        AdminConnection.Require(context);
        var limit = Pages.Limit(request.Limit, usual: 100, most: 500);
        var user = request.User.Length > 0 ? AdminService.Uri(request.User, "user") : null;
        var after = Pages.Token(request.After);

        var answer = new ListSubscriptionsResponse();
        if (after.StartsWith(OfDocuments, StringComparison.Ordinal))
            AddDocuments(answer, user, limit, after[OfDocuments.Length..]);
        else
            AddConferences(answer, user, limit, after);
        return Task.FromResult(answer);
    }

    private void AddConferences(ListSubscriptionsResponse answer, SipUri? user, int limit, string after)
    {
        var (conference, number) = Place(after);
        if (number > 0 && !AddOf(answer, conference, number, user, limit))
            return;

        var ids = directory.Ids.After(conference, Pages.MostLookedAt);
        foreach (var id in ids)
        {
            if (!AddOf(answer, id, 0, user, limit))
                return;
        }

        answer.Next = ids.Count == Pages.MostLookedAt ? $"{OfConference}{ids[^1]}/0" : OfDocuments;
        if (answer.Next == OfDocuments && documents.Count == 0)
            answer.Next = "";
    }

    /// <summary>False when the page is full; then it says where the next one begins.</summary>
    private bool AddOf(ListSubscriptionsResponse answer, string id, int after, SipUri? user, int limit)
    {
        if (names.Peek(id) is not { } conference)
            return true;

        var all = user is null ? conference.Subscriptions.Values : conference.SubscriptionsOf(user);
        foreach (var subscription in all.Where(each => each.Number > after))
        {
            answer.Subscriptions.Add(ConferenceWire.Entry(conference, subscription));
            if (answer.Subscriptions.Count < limit)
                continue;

            answer.Next = string.Create(CultureInfo.InvariantCulture, $"{OfConference}{id}/{subscription.Number}");
            return false;
        }

        return true;
    }

    private void AddDocuments(ListSubscriptionsResponse answer, SipUri? user, int limit, string after)
    {
        var most = user is null ? limit : Pages.MostLookedAt;
        var ids = documents.Ids.After(after, most);
        foreach (var id in ids)
        {
            if (router.Peek(new(id)) is not DocumentSubscription held || (user is not null && !IsOf(held, user)))
                continue;

            answer.Subscriptions.Add(ConferenceWire.Entry(held));
            if (answer.Subscriptions.Count < limit)
                continue;

            answer.Next = OfDocuments + id;
            return;
        }

        answer.Next = ids.Count == most ? OfDocuments + ids[^1] : "";
    }

    private static bool IsOf(DocumentSubscription held, SipUri user) =>
        held.Subscription.Subscriber.SamePerson(user) || held.Identities.Contains(user.AddressKey);

    private static (string Conference, int Number) Place(string after)
    {
        if (after.Length == 0)
            return ("", 0);

        var parts = after.Split('/');
        return parts is ["c", { Length: > 0 } id, var text]
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? (id, number)
            : throw AdminError.Invalid("That is no place in the list");
    }
}
