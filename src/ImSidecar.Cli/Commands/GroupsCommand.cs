using System.CommandLine;
using System.Globalization;
using Google.Protobuf;
using ImSidecar.Admin.V1;
using ImSidecar.Cli.Calls;
using ImSidecar.Cli.Terminal;

namespace ImSidecar.Cli.Commands;

/// <summary>groups: lists, prints, writes and deletes group documents of the embedded XDMS.</summary>
internal static class GroupsCommand
{
    // What the sidecar takes of one at most; more is not even read.
    private const int MaxBytes = 8 * 1024 * 1024;

    public static Command Create(Shell shell) =>
        new("groups", "The group documents of the embedded XDMS; checked as XCAP checks them.")
        {
            List(shell), Get(shell), Put(shell), Delete(shell),
        };

    private static Command List(Shell shell)
    {
        var owner = Owner("Only the groups of this user");
        var paging = new Paging();
        var command = new Command("list", "Lists groups in the order of their URIs.") { owner };
        paging.AddTo(command);
        shell.On(command, async call =>
        {
            var answer = await paging.CollectAsync(
                call,
                (limit, after) => call.AskAsync(
                    "ListGroups",
                    new ListGroupsRequest { Owner = call.Get(owner), Limit = limit, After = after },
                    ListGroupsResponse.Parser),
                page => (page.Groups.Count, page.Next));
            return call.Tell(answer, screen => TellList(answer, screen));
        });
        return command;
    }

    private static Command Get(Shell shell)
    {
        var group = Named();
        var command = new Command("get", "Prints the document that holds a group, byte for byte.") { group };
        shell.On(command, async call =>
        {
            var answer = await call.AskAsync(
                "GetGroup", new GetGroupRequest { Group = call.Get(group) }, GetGroupResponse.Parser);
            return call.Tell(answer, screen => screen.Document(answer.Content.ToStringUtf8()));
        });
        return command;
    }

    private static Command Put(Shell shell)
    {
        var group = Named();
        var file = new Argument<string>("file") { Description = "The document; - reads it from the standard input" };
        var owner = Owner("Whose group it is; needed for a new one");
        var name = new Option<string>("--document")
        {
            Description = "Name of the document in the tree of its owner; else the user part of the group",
            HelpName = "name",
            DefaultValueFactory = _ => "",
        };
        var match = Match();
        var isNew = new Option<bool>("--only-new") { Description = "Only if there is no such group yet" };
        var command = new Command("put", "Writes a group document. Once it says so that is stored.")
        {
            group, file, owner, name, match, isNew,
        };
        shell.On(command, async call =>
        {
            var request = new PutGroupRequest
            {
                Group = call.Get(group),
                Owner = call.Get(owner),
                Document = call.Get(name),
                Content = await ReadAsync(call.Get(file)!, call.Cancellation),
                IfMatch = call.Get(match),
                OnlyNew = call.Get(isNew),
            };
            var answer = await call.AskAsync("PutGroup", request, PutGroupResponse.Parser);
            return call.Tell(answer, screen => screen.Line(
                $"{(answer.Created ? "Created" : "Written")}: {answer.Entry.Group} of {answer.Entry.Owner}, "
                + $"ETag {answer.Entry.Etag}"));
        });
        return command;
    }

    private static Command Delete(Shell shell)
    {
        var group = Named();
        var match = Match();
        var command = new Command("delete", "Deletes the document that holds a group; its session ends.")
        {
            group, match,
        };
        shell.On(command, async call =>
        {
            var request = new DeleteGroupRequest { Group = call.Get(group), IfMatch = call.Get(match) };
            var answer = await call.AskAsync("DeleteGroup", request, DeleteGroupResponse.Parser);
            return call.Tell(answer, screen => screen.Line(
                $"Deleted: {answer.Entry.Group} of {answer.Entry.Owner}, with the document {answer.Entry.Document}"));
        });
        return command;
    }

    private static void TellList(ListGroupsResponse answer, Screen screen)
    {
        if (answer.Groups.Count == 0)
            screen.Line("No groups.");
        else
            screen.Table(
                ["GROUP", "OWNER", "DOCUMENT", "BYTES", "MODIFIED", "ETAG"],
                answer.Groups.Select(each => new[]
                {
                    each.Group, each.Owner, each.Document, each.Bytes.ToString(CultureInfo.InvariantCulture),
                    Times.Iso(each.ModifiedAt), each.Etag,
                }));
        Paging.TellNext(screen, answer.Next);
    }

    private static async Task<ByteString> ReadAsync(string file, CancellationToken cancellation)
    {
        try
        {
            await using var source = file == "-" ? Console.OpenStandardInput() : File.OpenRead(file);
            using var content = new MemoryStream();
            var buffer = new byte[64 * 1024];
            while (content.Length <= MaxBytes && await source.ReadAsync(buffer, cancellation) is var read and > 0)
                content.Write(buffer, 0, read);
            return content.Length <= MaxBytes
                ? ByteString.CopyFrom(content.GetBuffer().AsSpan(0, (int)content.Length))
                : throw new AdminException($"{file} is too large for a group document", Failure.Usage);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new AdminException(unreadable.Message, Failure.Usage);
        }
    }

    private static Argument<string> Named() => new("group") { Description = "URI of the group" };

    private static Option<string> Owner(string description) => new("--owner")
    {
        Description = description,
        HelpName = "uri",
        DefaultValueFactory = _ => "",
    };

    private static Option<string> Match() => new("--if-match")
    {
        Description = "Only if the document still has this ETag; * if there is one at all",
        HelpName = "etag",
        DefaultValueFactory = _ => "",
    };
}
