using System.CommandLine;
using System.Globalization;
using ImSidecar.Admin.V1;

namespace ImSidecar.Cli;

/// <summary>deferred: what is kept for users who were away; deletes it, or pushes it.</summary>
internal static class DeferredCommand
{
    public static Command Create(TextWriter output, TextWriter error)
    {
        var user = new Option<string?>("--user") { Description = "URI of the user; without it: how many there are in all" };
        var delete = new Option<long[]>("--delete")
        {
            Description = "Numbers of messages that are to be deleted; their senders hear it if they asked to",
            AllowMultipleArgumentsPerToken = true,
        };
        var purge = new Option<bool>("--purge") { Description = "Deletes all that is kept for the user" };
        var push = new Option<bool>("--push") { Description = "Pushes to the user now, if he is there" };
        var after = new Option<long>("--after") { Description = "Lists from the number after that" };
        var socket = new Option<string>("--socket")
        {
            Description = "Admin:Socket of the sidecar",
            DefaultValueFactory = _ => PolicyCommand.DefaultSocket,
        };

        var command = new Command("deferred", "Shows, deletes or pushes what is kept for a user who was away.")
        {
            user, delete, purge, push, after, socket,
        };
        command.Validators.Add(parsed =>
        {
            if (parsed.GetValue(user) is null
                && (parsed.GetValue(delete) is { Length: > 0 } || parsed.GetValue(purge) || parsed.GetValue(push)))
                parsed.AddError("--delete, --purge and --push need a --user");
        });
        command.SetAction(async (parsed, cancellation) =>
        {
            var request = new DeferredMessagesRequest
            {
                User = parsed.GetValue(user) ?? "",
                Delete = { parsed.GetValue(delete) ?? [] },
                DeleteAll = parsed.GetValue(purge),
                Push = parsed.GetValue(push),
                After = parsed.GetValue(after),
            };
            return await AskAsync(parsed.GetValue(socket)!, request, output, error, cancellation);
        });
        return command;
    }

    private static async Task<int> AskAsync(
        string socket, DeferredMessagesRequest request, TextWriter output, TextWriter error,
        CancellationToken cancellation)
    {
        using var client = new AdminClient(socket);
        try
        {
            var answer = await client.DeferredMessagesAsync(request, cancellation);
            if (request.DeleteAll || request.Delete.Count > 0)
                await output.WriteLineAsync($"deleted: {answer.Deleted}");
            await output.WriteLineAsync($"messages: {answer.Messages}");
            await output.WriteLineAsync($"bytes: {answer.Bytes}");
            foreach (var message in answer.List)
                await output.WriteLineAsync(Line(message));
            return 0;
        }
        catch (AdminException refused)
        {
            await error.WriteLineAsync("imsidecarctl: " + refused.Message);
            return refused.IsUsage ? ExitCode.Usage : ExitCode.NoAnswer;
        }
    }

    private static string Line(KeptMessage message)
    {
        var sender = message.Sender.Length == 0 ? "anonymous" : message.Sender;
        var kind = message.PageMode ? "message" : "session";
        var subject = message.Subject.Length == 0 ? "" : $", \"{message.Subject}\"";
        return $"{message.Number}: {sender}, {kind}, {message.Bytes} bytes, received {Time(message.ReceivedAt)}, "
            + $"expires {Time(message.ExpiresAt)}{subject}";
    }

    private static string Time(long seconds) =>
        DateTimeOffset.FromUnixTimeSeconds(seconds).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
