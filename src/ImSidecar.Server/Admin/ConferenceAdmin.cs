using ImSidecar.Admin.V1;
using ImSidecar.Core.Controlling;
using ImSidecar.Grpc;
using ImSidecar.Protocol.Sip;
using ImSidecar.Server.Hosting;

namespace ImSidecar.Server.Admin;

/// <summary>Lists the conferences of this node and shows one of them.</summary>
internal sealed class ConferenceAdmin(ConferenceDirectory directory, ConferenceNames names)
{
    public Task<ListConferencesResponse> ListAsync(ListConferencesRequest request, GrpcContext context)
    {
        AdminConnection.Require(context);
        var limit = Pages.Limit(request.Limit, usual: 100, most: 500);
        var user = request.User.Length > 0 ? AdminService.Uri(request.User, "user") : null;
        return Task.FromResult(List(user, limit, Pages.Token(request.After)));
    }

    public Task<ShowConferenceResponse> ShowAsync(ShowConferenceRequest request, GrpcContext context)
    {
        AdminConnection.Require(context);
        var limit = Pages.Limit(request.Limit, usual: 200, most: 1000);
        return Task.FromResult(ConferenceWire.Details(
            names.Find(request.Conference), limit, request.AfterParticipant, request.AfterSubscription));
    }

    private ListConferencesResponse List(SipUri? user, int limit, string after)
    {
        var answer = new ListConferencesResponse();
        var most = user is null ? limit : Pages.MostLookedAt;
        var ids = directory.Ids.After(after, most);
        foreach (var id in ids)
        {
            // It may have ended meanwhile.
            if (names.Peek(id) is not { } conference || (user is not null && !conference.PartsNamed(user).Any()))
                continue;

            answer.Conferences.Add(ConferenceWire.Summary(conference));
            if (answer.Conferences.Count < limit)
                continue;

            answer.Next = id;
            return answer;
        }

        answer.Next = ids.Count == most ? ids[^1] : "";
        return answer;
    }
}
