using System.CommandLine;
using ImSidecar.Admin.V1;
using ImSidecar.Cli.Terminal;

namespace ImSidecar.Cli.Commands;

/// <summary>subscriptions: who is told of conferences and of documents.</summary>
internal static class SubscriptionsCommand
{
    public static Command Create(Shell shell)
    {
        var user = new Option<string>("--user")
        {
            Description = "Only those of this user",
            HelpName = "uri",
            DefaultValueFactory = _ => "",
        };
        var paging = new Paging();
        var command = new Command(
            "subscriptions", "Lists who has subscribed to conference state or documents (xcap-diff).")
        {
            user,
        };
        paging.AddTo(command);
        shell.On(command, async call =>
        {
            var answer = await paging.CollectAsync(
                call,
                (limit, after) => call.AskAsync(
                    "ListSubscriptions",
                    new ListSubscriptionsRequest { User = call.Get(user), Limit = limit, After = after },
                    ListSubscriptionsResponse.Parser),
                page => (page.Subscriptions.Count, page.Next));
            return call.Tell(answer, screen => Tell(answer, screen));
        });
        return command;
    }

    private static void Tell(ListSubscriptionsResponse answer, Screen screen)
    {
        if (answer.Subscriptions.Count == 0)
            screen.Line("No subscriptions.");
        else
            screen.Table(
                ["SUBSCRIBER", "PACKAGE", "STATE", "EXPIRES", "TO"],
                answer.Subscriptions.Select(each => new[]
                {
                    each.Subscriber, each.Package, each.State, Times.Iso(each.ExpiresAt), each.Resource,
                }));
        Paging.TellNext(screen, answer.Next);
    }
}
