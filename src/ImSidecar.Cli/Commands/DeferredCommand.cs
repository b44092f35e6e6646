using System.CommandLine;
using System.Globalization;
using ImSidecar.Admin.V1;
using ImSidecar.Cli.Calls;
using ImSidecar.Cli.Terminal;

namespace ImSidecar.Cli.Commands;

/// <summary>deferred: what is kept for users who were away; deletes it, or pushes it.</summary>
internal static class DeferredCommand
{
    private const string Messages = "DeferredMessages";

    public static Command Create(Shell shell)
    {
        var user = UserOption("URI of the user; without it: how much there is in all");
        var delete = new Option<long[]>("--delete")
        {
            Description = "Numbers of messages that are to be deleted; their senders hear it if they asked to",
            HelpName = "number",
            AllowMultipleArgumentsPerToken = true,
        };
        var purge = new Option<bool>("--purge") { Description = "Deletes all that is kept for the user" };
        var push = new Option<bool>("--push") { Description = "Pushes to the user now, if he is there" };
        var after = new Option<long>("--after")
        {
            Description = "Lists from the number after that",
            HelpName = "number",
        };

        var command = new Command(
            "deferred", "Shows, deletes or pushes what is kept for users who were away; never a text.")
        {
            user, delete, purge, push, after, Users(shell), Purge(shell), Replay(shell),
        };
        command.Validators.Add(parsed =>
        {
            if (parsed.GetValue(user) is null
                && (parsed.GetValue(delete) is { Length: > 0 } || parsed.GetValue(purge) || parsed.GetValue(push)))
                parsed.AddError("--delete, --purge and --push need a --user");
        });
        shell.On(
            command,
            call => AskAsync(call, new DeferredMessagesRequest
            {
                User = call.Get(user) ?? "",
                Delete = { call.Get(delete) ?? [] },
                DeleteAll = call.Get(purge),
                Push = call.Get(push),
                After = call.Get(after),
            }),
            ExitCode.OfAnswer);
        return command;
    }

    private static Command Users(Shell shell)
    {
        var paging = new Paging();
        var command = new Command("users", "Lists the users for whom something is kept.");
        paging.AddTo(command);
        shell.On(command, async call =>
        {
            var answer = await paging.CollectAsync(
                call,
                (limit, after) => call.AskAsync(
                    "ListDeferredUsers",
                    new ListDeferredUsersRequest { Limit = Math.Min(limit, 200), After = after },
                    ListDeferredUsersResponse.Parser),
                page => (page.Users.Count, page.Next));
            return call.Tell(answer, screen => Tell(answer, screen));
        });
        return command;
    }

    private static Command Purge(Shell shell)
    {
        var user = UserOption("URI of the user");
        user.Required = true;
        var command = new Command("purge", "Deletes all that is kept for a user; its senders hear it if they asked to.")
        {
            user,
        };
        shell.On(command, async call =>
        {
            var answer = await AnswerAsync(
                call, new DeferredMessagesRequest { User = call.Get(user), DeleteAll = true });
            return call.Tell(answer, screen => screen.Line($"deleted: {answer.Deleted}"));
        });
        return command;
    }

    private static Command Replay(Shell shell)
    {
        var user = UserOption("URI of the user");
        user.Required = true;
        var command = new Command("replay", "Pushes to a user now what is kept for him, if he is there.") { user };
        shell.On(command, async call =>
        {
            var answer = await call.AskAsync(
                Messages, new DeferredMessagesRequest { User = call.Get(user), Push = true },
                DeferredMessagesResponse.Parser);
            return call.Tell(answer, screen => screen.Line(answer.Messages == 0
                ? "Nothing is kept for him."
                : $"{answer.Messages} kept, {answer.Bytes} bytes: he gets them if he is there."));
        });
        return command;
    }

    private static async Task<int> AskAsync(Call call, DeferredMessagesRequest request)
    {
        var answer = await AnswerAsync(call, request);
        return call.Tell(answer, screen =>
        {
            if (request.DeleteAll || request.Delete.Count > 0)
                screen.Line($"deleted: {answer.Deleted}");
            screen.Line($"messages: {answer.Messages}");
            screen.Line($"bytes: {answer.Bytes}");
            foreach (var message in answer.List)
                screen.Line(Line(message));
        });
    }

    /// <summary>All of a user goes in pieces; how many have gone is known even if one of them fails.</summary>
    private static async Task<DeferredMessagesResponse> AnswerAsync(Call call, DeferredMessagesRequest request)
    {
        long deleted = 0;
        try
        {
            while (true)
            {
                var answer = await call.AskAsync(Messages, request, DeferredMessagesResponse.Parser);
                var isLast = !request.DeleteAll || answer.Deleted == 0 || answer.Messages == 0;
                answer.Deleted = deleted += answer.Deleted;
                if (isLast)
                    return answer;
            }
        }
        catch (AdminException failure) when (deleted > 0)
        {
            throw new AdminException($"{failure.Message}; deleted before: {deleted}", failure.Failure);
        }
    }

    private static void Tell(ListDeferredUsersResponse answer, Screen screen)
    {
        screen.Line($"messages: {answer.Messages}");
        screen.Line($"bytes: {answer.Bytes}");
        if (answer.Users.Count > 0)
            screen.Table(
                ["USER", "MESSAGES", "BYTES"],
                answer.Users.Select(each => new[] { each.User, Number(each.Messages), Number(each.Bytes) }));
        Paging.TellNext(screen, answer.Next);
    }

    private static string Line(KeptMessage message)
    {
        var sender = message.Sender.Length == 0 ? "anonymous" : message.Sender;
        var kind = message.PageMode ? "message" : "session";
        var subject = message.Subject.Length == 0 ? "" : $", \"{message.Subject}\"";
        return $"{message.Number}: {sender}, {kind}, {message.Bytes} bytes, received {Times.Iso(message.ReceivedAt)}, "
            + $"expires {Times.Iso(message.ExpiresAt)}{subject}";
    }

    private static Option<string?> UserOption(string description) =>
        new("--user") { Description = description, HelpName = "uri" };

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
