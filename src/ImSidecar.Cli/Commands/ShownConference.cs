using ImSidecar.Admin.V1;

namespace ImSidecar.Cli.Commands;

/// <summary>A conference put together from pages of the sidecar, which fit together by numbers.</summary>
internal static class ShownConference
{
    private const int MostOfPage = 1000;

    /// <summary>At most so many participants, and so many subscriptions.</summary>
    public static Task<ShowConferenceResponse> AskAsync(Call call, string conference, int limit) => CollectAsync(
        request => call.AskAsync("ShowConference", request, ShowConferenceResponse.Parser), conference, limit);

    internal static async Task<ShowConferenceResponse> CollectAsync(
        Func<ShowConferenceRequest, Task<ShowConferenceResponse>> ask, string conference, int limit)
    {
        var all = await ask(new() { Conference = conference, Limit = Math.Min(limit, MostOfPage) });
        while (Missing(all, limit) is > 0 and var missing)
        {
            var page = await ask(new()
            {
                Conference = all.Summary.Id,
                Limit = Math.Min(missing, MostOfPage),
                AfterParticipant = all.Participants is [.., var participant] ? participant.Number : 0,
                AfterSubscription = all.Subscriptions is [.., var subscription] ? subscription.Number : 0,
            });
            Add(all, page, limit);
        }

        return all;
    }

    /// <summary>What is still to be asked for; 0: it is all, or as much as was wanted.</summary>
    private static int Missing(ShowConferenceResponse all, int limit) => Math.Max(
        all.MoreParticipants ? limit - all.Participants.Count : 0,
        all.MoreSubscriptions ? limit - all.Subscriptions.Count : 0);

    private static void Add(ShowConferenceResponse all, ShowConferenceResponse page, int limit)
    {
        var participants = page.Participants.Take(limit - all.Participants.Count).ToList();
        var subscriptions = page.Subscriptions.Take(limit - all.Subscriptions.Count).ToList();
        all.Participants.Add(participants);
        all.Subscriptions.Add(subscriptions);
        all.MoreParticipants = page.MoreParticipants || participants.Count < page.Participants.Count;
        all.MoreSubscriptions = page.MoreSubscriptions || subscriptions.Count < page.Subscriptions.Count;
    }
}
