using System.Globalization;
using ImSidecar.Admin.V1;
using ImSidecar.Cli.Terminal;

namespace ImSidecar.Cli.Commands;

/// <summary>A conference and what happens to it, as people read it.</summary>
internal static class ConferenceText
{
    public static void Tell(ShowConferenceResponse answer, Screen screen)
    {
        var summary = answer.Summary;
        screen.Pairs(Head(answer));
        if (answer.Participants.Count > 0)
        {
            screen.Line();
            screen.Table(
                ["#", "USER", "STATE", "SHOWN AS", "NAME", "ROLES", "MSRP", "CALL-ID"],
                answer.Participants.Select(each => new[]
                {
                    Number(each.Number), User(each), each.State, each.ShownAs == each.User ? "" : each.ShownAs,
                    each.DisplayName, string.Join(' ', each.Roles), each.MediaMissing ? "lost" : each.MsrpSession,
                    each.CallId,
                }));
            if (answer.MoreParticipants)
                screen.Line("There are more: --limit");
        }

        if (answer.Subscriptions.Count == 0)
            return;

        screen.Line();
        screen.Table(
            ["#", "SUBSCRIBER", "STATE", "EXPIRES", "CALL-ID"],
            answer.Subscriptions.Select(each => new[]
            {
                each.Id, each.Subscriber, each.State, Times.Iso(each.ExpiresAt), each.CallId,
            }));
        if (answer.MoreSubscriptions)
            screen.Line($"There are more of {summary.Subscriptions}: --limit");
    }

    public static void Tell(ConferenceNews news, Screen screen)
    {
        if (news.Now is { } now)
        {
            Tell(now, screen);
            screen.Line();
            return;
        }

        var (what, about) = Text(news);
        var where = news.Conference.Length > 0 ? "  " + news.Conference : "";
        screen.Line($"{Times.Clock(news.AtMs)}  {what,-12}  {about}{where}");
    }

    private static (string What, string About) Text(ConferenceNews news) => news.NewsCase switch
    {
        ConferenceNews.NewsOneofCase.Counts => (
            "watching",
            $"{Times.Count(news.Counts.Conferences, "conference")}, "
            + Times.Count(news.Counts.Participants, "participant")),
        ConferenceNews.NewsOneofCase.Began => ("began", About(news.Began)),
        ConferenceNews.NewsOneofCase.Changed => ("changed", About(news.Changed)),
        ConferenceNews.NewsOneofCase.Ended => ("ended", About(news.Ended)),
        ConferenceNews.NewsOneofCase.Joined => ("joined", About(news.Joined)),
        // Whoever was only rung up has not been in it.
        ConferenceNews.NewsOneofCase.Left => (
            news.Left.State is "active" or "answering" or "ending" ? "left" : "gone", About(news.Left)),
        ConferenceNews.NewsOneofCase.Invited => ("invited", About(news.Invited)),
        ConferenceNews.NewsOneofCase.Altered => ("altered", About(news.Altered)),
        ConferenceNews.NewsOneofCase.Subscribed => ("subscribed", news.Subscribed.Subscriber),
        ConferenceNews.NewsOneofCase.Unsubscribed => ("unsubscribed", news.Unsubscribed.Subscriber),
        ConferenceNews.NewsOneofCase.Missed => ("missed", Text($"{news.Missed} changes that came too fast")),
        _ => ("unknown", "this sidecar is newer than imsidecarctl"),
    };

    private static IEnumerable<(string, string)> Head(ShowConferenceResponse answer)
    {
        var summary = answer.Summary;
        yield return ("conference", summary.Id);
        yield return ("session", summary.SessionIdentity);
        if (summary.Group.Length > 0)
            yield return ("group", summary.Group + (summary.Name.Length > 0 ? $" \"{summary.Name}\"" : ""));
        if (summary.Subject.Length > 0)
            yield return ("subject", summary.Subject);
        yield return ("state", $"{summary.Kind}, {summary.Phase}");
        yield return ("in it", Text($"{summary.Participants}")
            + (answer.HasMaxParticipants ? Text($" of {answer.MaxParticipants}") : "")
            + Text($", {summary.Invited} invited, watched by {summary.Subscriptions}"));
        if (answer.HasEndsAt)
            yield return ("ends", Times.Iso(answer.EndsAt));
        if (answer.HasForgottenAt)
            yield return ("forgotten", Times.Iso(answer.ForgottenAt));
    }

    private static string About(ConferenceSummary summary) =>
        $"{summary.Kind}, {summary.Phase}"
        + (summary.Group.Length > 0 ? ", " + summary.Group
            : summary.Subject.Length > 0 ? $", \"{summary.Subject}\"" : "");

    private static string About(ParticipantEntry entry) =>
        User(entry)
        + (entry.DisplayName.Length > 0 ? $" \"{entry.DisplayName}\"" : "")
        + $" {(entry.MediaMissing ? entry.State + ", MSRP lost" : entry.State)}";

    private static string User(ParticipantEntry entry) => entry.Anonymous ? entry.User + " (hides)" : entry.User;

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
