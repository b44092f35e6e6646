using System.CommandLine;
using System.Globalization;
using ImSidecar.Admin.V1;
using ImSidecar.Cli.Terminal;

namespace ImSidecar.Cli.Commands;

/// <summary>conferences: lists, shows, watches, traces and ends what is in session.</summary>
internal static class ConferencesCommand
{
    public static Command Create(Shell shell) =>
        new("conferences", "What is in session: lists, shows, watches, traces it; removes people, or ends it.")
        {
            List(shell), Show(shell), Watch(shell), Trace(shell), Release(shell), Expel(shell),
        };

    private static Command List(Shell shell)
    {
        var user = new Option<string>("--user")
        {
            Description = "Only where this user takes part or is invited, also under an alias",
            HelpName = "uri",
            DefaultValueFactory = _ => "",
        };
        var paging = new Paging();
        var command = new Command("list", "Lists conferences in the order of their ids.") { user };
        paging.AddTo(command);
        shell.On(command, async call =>
        {
            var answer = await paging.CollectAsync(
                call,
                (limit, after) => call.AskAsync(
                    "ListConferences",
                    new ListConferencesRequest { User = call.Get(user), Limit = limit, After = after },
                    ListConferencesResponse.Parser),
                page => (page.Conferences.Count, page.Next));
            return call.Tell(answer, screen => TellList(answer, screen));
        });
        return command;
    }

    private static Command Show(Shell shell)
    {
        var conference = Named();
        var limit = new Option<int>("--limit")
        {
            Description = "Shows no more participants and subscriptions than so many",
            HelpName = "number",
            DefaultValueFactory = _ => 200,
        };
        limit.Validators.Add(result =>
        {
            if (!result.Errors.Any() && result.GetValueOrDefault<int>() < 1)
                result.AddError("--limit is at least 1");
        });
        var command = new Command("show", "Shows one conference, who takes part and who has subscribed.")
        {
            conference, limit,
        };
        shell.On(command, async call =>
        {
            var answer = await ShownConference.AskAsync(call, call.Get(conference)!, call.Get(limit));
            return call.Tell(answer, screen => ConferenceText.Tell(answer, screen));
        });
        return command;
    }

    private static Command Watch(Shell shell)
    {
        var conference = Named();
        conference.Arity = ArgumentArity.ZeroOrOne;
        conference.Description += "; without it: all of them";
        var command = new Command("watch", "Tells live who joins, changes and leaves, until Ctrl+C. Times are UTC.")
        {
            conference,
        };
        shell.OnLive(command, call => call.TellAllAsync(
            "WatchConferences",
            new WatchConferencesRequest { Conference = call.Get(conference) ?? "" },
            ConferenceNews.Parser,
            ConferenceText.Tell));
        return command;
    }

    private static Command Trace(Shell shell)
    {
        var conference = Named();
        var command = new Command(
            "trace",
            "Tells live what comes in for one conference, what is decided and what goes out, until Ctrl+C; never what "
            + "people write. Times are UTC.")
        {
            conference,
        };
        shell.OnLive(command, call => call.TellAllAsync(
            "TraceConference",
            new TraceConferenceRequest { Conference = call.Get(conference) },
            TraceItem.Parser,
            (item, screen) => screen.Line(TraceLine.Of(item))));
        return command;
    }

    private static Command Release(Shell shell)
    {
        var conference = Named();
        var reason = Reason();
        var command = new Command("release", "Ends a session for all. Once it says so that is stored.")
        {
            conference, reason,
        };
        shell.On(command, async call =>
        {
            var request = new ReleaseConferenceRequest
            {
                Conference = call.Get(conference),
                Reason = call.Get(reason),
            };
            var answer = await call.AskAsync("ReleaseConference", request, ReleaseConferenceResponse.Parser);
            return call.Tell(answer, screen => screen.Line(
                $"Released {answer.Conference}: {Times.Count(answer.Participants, "participant")} "
                + $"{(answer.Participants == 1 ? "is" : "are")} sent away."));
        });
        return command;
    }

    private static Command Expel(Shell shell)
    {
        var conference = Named();
        var user = new Argument<string>("user")
        {
            Description = "URI or alias of the user, or his number in \"conferences show\"",
        };
        var reason = Reason();
        var command = new Command("expel", "Removes a user from a session. Once it says so that is stored.")
        {
            conference, user, reason,
        };
        shell.On(command, async call =>
        {
            var request = new ExpelParticipantRequest
            {
                Conference = call.Get(conference),
                User = call.Get(user),
                Reason = call.Get(reason),
            };
            var answer = await call.AskAsync("ExpelParticipant", request, ExpelParticipantResponse.Parser);
            return call.Tell(answer, screen =>
            {
                screen.Line($"Expelled {answer.User} from {answer.Conference}.");
                screen.Line(answer.MayReturn
                    ? "He may come in again if the group document lets him: change it first."
                    : "He does not come in again by himself; who may add users can add him.");
            });
        });
        return command;
    }

    private static void TellList(ListConferencesResponse answer, Screen screen)
    {
        if (answer.Conferences.Count == 0)
            screen.Line("No conferences.");
        else
            screen.Table(
                ["ID", "KIND", "PHASE", "IN", "INVITED", "WATCHED BY", "GROUP OR SUBJECT"],
                answer.Conferences.Select(each => new[]
                {
                    each.Id, each.Kind, each.Phase, Number(each.Participants), Number(each.Invited),
                    Number(each.Subscriptions), each.Group.Length > 0 ? each.Group : each.Subject,
                }));
        Paging.TellNext(screen, answer.Next);
    }

    private static Argument<string> Named() => new("conference")
    {
        Description = "Its id, its session identity or the URI of its group",
    };

    private static Option<string> Reason() => new("--reason")
    {
        Description = "Text for the Reason header of the BYE",
        HelpName = "text",
        DefaultValueFactory = _ => "",
    };

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
