using System.Text;
using ImSidecar.Admin.V1;
using ImSidecar.Grpc;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Xdm;
using ImSidecar.Server.Stores;
using ImSidecar.Server.Xdm.Embedded;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace ImSidecar.Server.Admin;

/// <summary>
/// Lists, reads and writes groups of the embedded XDMS, with the checks and in the turn of XCAP; a document may hold
/// several groups and is written as a whole.
/// </summary>
internal sealed class GroupAdmin(IServiceProvider provider)
{
    private const string Remote =
        "The groups are in a remote XDMS, for Xdm:Mode is Remote: list and change them there, by XCAP";

    private static readonly XcapUsage _usage = XcapUsages.Find(ApplicationUsage.Groups)!;

    public Task<ListGroupsResponse> ListAsync(ListGroupsRequest request, GrpcContext context) =>
        GuardedAsync(context, async documents =>
        {
            var limit = Pages.Limit(request.Limit, usual: 100, most: 500);
            var owner = request.Owner.Length > 0 ? AdminService.Uri(request.Owner, "owner").AddressKey : null;
            var found = await documents.ListGroupsAsync(owner, Pages.Token(request.After), limit, context.Cancellation);
            var answer = new ListGroupsResponse { Next = found.Count == limit ? found[^1].Group : "" };
            answer.Groups.AddRange(found.Select(each => Entry(each.Group, each.Document)));
            return answer;
        });

    public Task<GetGroupResponse> GetAsync(GetGroupRequest request, GrpcContext context) =>
        GuardedAsync(context, async documents =>
        {
            var group = Group(request.Group);
            var found = await ThereAsync(documents, group, context.Cancellation);
            return new GetGroupResponse
            {
                Entry = Entry(group, found.Entry),
                Content = Google.Protobuf.ByteString.CopyFrom(found.Content.Span),
            };
        });

    public Task<PutGroupResponse> PutAsync(PutGroupRequest request, GrpcContext context) =>
        GuardedAsync(context, async documents =>
        {
            var group = Group(request.Group);
            var body = request.Content.Memory;
            var before = await documents.FindAsync(DocumentSelector.OfGroup(group), context.Cancellation);
            var put = Change(Place(request, group, before), request.IfMatch, request.OnlyNew);
            if (XmlOutline.TryRead(body, out var outline, out _)
                && !DocumentValidation.GroupsOf(put, outline).Contains(group))
                throw AdminError.Invalid($"The document holds no group {group}");

            var answer = await provider.GetRequiredService<XcapWriting>().PutAsync(put, body, context.Cancellation);
            Check(answer);
            return new PutGroupResponse
            {
                Entry = Entry(group, (await ThereAsync(documents, group, context.Cancellation)).Entry),
                Created = answer.Status == StatusCodes.Status201Created,
            };
        });

    public Task<DeleteGroupResponse> DeleteAsync(DeleteGroupRequest request, GrpcContext context) =>
        GuardedAsync(context, async documents =>
        {
            var group = Group(request.Group);
            var before = await ThereAsync(documents, group, context.Cancellation);
            var delete = Change(before.Entry.Selector, request.IfMatch, isOnlyNew: false);
            Check(await provider.GetRequiredService<XcapWriting>().DeleteAsync(delete, context.Cancellation));
            return new DeleteGroupResponse { Entry = Entry(group, before.Entry) };
        });

    private async Task<T> GuardedAsync<T>(GrpcContext context, Func<EmbeddedDocuments, Task<T>> answer)
    {
        AdminConnection.Require(context);
        if (provider.GetService<EmbeddedDocuments>() is not { } documents)
            throw AdminError.Refused(Remote);

        try
        {
            return await answer(documents);
        }
        catch (Exception error) when (error is StoreUnavailableException or SqliteException)
        {
            throw AdminError.Unavailable("The store does not answer, or cannot be written now");
        }
        catch (TimeoutException)
        {
            throw AdminError.Unavailable("Others are still writing this document: try again");
        }
    }

    private static async Task<StoredDocument> ThereAsync(
        EmbeddedDocuments documents, string group, CancellationToken cancellation) =>
        await documents.FindAsync(DocumentSelector.OfGroup(group), cancellation)
        ?? throw AdminError.NotFound($"There is no group {group}");

    /// <summary>Where the document is, or is to be.</summary>
    private static DocumentSelector Place(PutGroupRequest request, string group, StoredDocument? before)
    {
        var owner = request.Owner.Length > 0 ? AdminService.Uri(request.Owner, "owner").AddressKey : null;
        if (before?.Entry.Selector is { } there)
        {
            var isElsewhere = (owner is not null && owner != there.User)
                || (request.Document.Length > 0 && request.Document != there.Path);
            return !isElsewhere
                ? there
                : throw AdminError.Refused(
                    $"The group is in the document {there.Path} of {there.User}: delete it there first");
        }

        if (owner is null)
            throw AdminError.Invalid("A new group needs an owner");

        var name = request.Document.Length > 0 ? request.Document : NameOf(group);
        return name is not ("" or "." or "..") && !name.Any(char.IsControl)
            ? new(ApplicationUsage.Groups, owner, name)
            : throw AdminError.Invalid("That is no name of a document");
    }

    private static string NameOf(string group) =>
        SipUri.TryParse(group, out var uri) ? uri.User.Replace('/', '_') : "";

    private static DocumentRequest Change(DocumentSelector document, string ifMatch, bool isOnlyNew) =>
        XcapConditions.TryRead(ifMatch, isOnlyNew, out var conditions)
            ? new(_usage, new(document, null), conditions)
            : throw AdminError.Invalid("An ETag is needed, or *");

    private static string Group(string text) => AdminService.Uri(text, "group").AddressKey;

    private static void Check(XcapAnswer answer)
    {
        if (answer.Status is StatusCodes.Status200OK or StatusCodes.Status201Created)
            return;

        var sentence = answer.Error is { } error ? Sentence(error) : Encoding.UTF8.GetString(answer.Body.Span).Trim();
        throw answer.Status switch
        {
            StatusCodes.Status404NotFound => AdminError.NotFound(sentence),
            StatusCodes.Status412PreconditionFailed =>
                AdminError.Refused("The document is another one by now: its ETag does not match"),
            StatusCodes.Status413PayloadTooLarge => AdminError.Invalid("The document is too large: " + sentence),
            StatusCodes.Status503ServiceUnavailable => AdminError.Unavailable(sentence),
            _ => AdminError.Refused(sentence),
        };
    }

    private static string Sentence(XcapError error)
    {
        var free = error.Conflicts.SelectMany(each => each.Alternatives).ToList();
        return (error.Phrase ?? $"The document is refused: {error.Kind}")
            + (free.Count > 0 ? $"; {string.Join(", ", free)} would do" : "");
    }

    private static GroupEntry Entry(string group, DocumentEntry document) => new()
    {
        Group = group,
        Owner = document.Selector.User ?? "",
        Document = document.Selector.Path,
        Etag = document.ETag,
        ModifiedAt = document.Modified.ToUnixTimeSeconds(),
        Bytes = document.Size,
    };
}
