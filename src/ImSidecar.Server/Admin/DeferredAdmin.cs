using ImSidecar.Admin.V1;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Deferred;
using ImSidecar.Core.Participating;
using ImSidecar.Grpc;
using ImSidecar.Msrp;
using ImSidecar.Server.Deferred;
using ImSidecar.Server.Hosting;
using ImSidecar.Server.Participating;
using ImSidecar.Server.Stores;
using ImSidecar.Server.Stores.Deferred;

namespace ImSidecar.Server.Admin;

/// <summary>Tells imsidecarctl what is kept for users who were away; deletes it, or has it pushed.</summary>
internal sealed class DeferredAdmin(
    IDeferredMessageStore store, AggregateRouter router, ServedUserIds ids, IWaitingNews waiting,
    Live<OperatorPolicy> policy, TimeProvider time)
{
    private const int Most = 200;
    private const string Away = "The message store does not answer";

    public async Task<DeferredMessagesResponse> DeferredMessagesAsync(
        DeferredMessagesRequest request, GrpcContext context)
    {
        AdminConnection.Require(context);
        try
        {
            return request.User.Length == 0
                ? Answer(await store.CountAllAsync(context.Cancellation))
                : await OfUserAsync(request, context.Cancellation);
        }
        catch (StoreUnavailableException)
        {
            throw AdminError.Unavailable(Away);
        }
    }

    public async Task<ListDeferredUsersResponse> ListUsersAsync(ListDeferredUsersRequest request, GrpcContext context)
    {
        AdminConnection.Require(context);
        var limit = Pages.Limit(request.Limit, usual: Most, most: Most);
        var after = Pages.Token(request.After);
        try
        {
            var total = await store.CountAllAsync(context.Cancellation);
            var answer = new ListDeferredUsersResponse { Messages = total.Messages, Bytes = total.Bytes };
            foreach (var user in await store.UsersAsync(after, limit, context.Cancellation))
            {
                var count = await store.CountAsync(user, context.Cancellation);
                answer.Users.Add(new DeferredUser { User = user, Messages = count.Messages, Bytes = count.Bytes });
            }

            answer.Next = answer.Users.Count == limit ? answer.Users[^1].User : "";
            return answer;
        }
        catch (StoreUnavailableException)
        {
            throw AdminError.Unavailable(Away);
        }
    }

    internal async Task<DeferredMessagesResponse> OfUserAsync(
        DeferredMessagesRequest request, CancellationToken cancellation)
    {
        var user = ServedUserAdmin.Read(request.User, policy.Value);
        var key = ServedAddress.KeyOf(user);
        var deleted = request.DeleteAll
            ? await RemoveFirstAsync(key, cancellation)
            : await store.RemoveAsync(
                key, [.. request.Delete], DeferredEnd.Deleted, time.GetUtcNow(), cancellation);
        if (request.Push)
            await WaitingMessages.TellAsync(router, waiting, ids.OfKey(key), key);

        var answer = Answer(await store.CountAsync(key, cancellation));
        answer.Deleted = deleted;
        foreach (var entry in await store.ListAsync(key, request.After, Most, time.GetUtcNow(), cancellation))
        {
            answer.List.Add(new KeptMessage
            {
                Number = entry.Number,
                Sender = entry.IsAnonymous ? "" : entry.Sender.Text,
                Subject = entry.Subject,
                PageMode = entry.IsPageMode,
                Bytes = entry.Size,
                ReceivedAt = entry.ReceivedAt.ToUnixTimeSeconds(),
                ExpiresAt = entry.ExpiresAt.ToUnixTimeSeconds(),
            });
        }

        return answer;
    }

    // Not all at once: who asks does not wait for ever, and asks again.
    private async Task<long> RemoveFirstAsync(string key, CancellationToken cancellation)
    {
        var entries = await store.ListAsync(key, 0, Most, time.GetUtcNow(), cancellation);
        return entries.IsEmpty
            ? 0
            : await store.RemoveAsync(
                key, [.. entries.Select(each => each.Number)], DeferredEnd.Deleted, time.GetUtcNow(), cancellation);
    }

    private static DeferredMessagesResponse Answer(DeferredCount count) =>
        new() { Messages = count.Messages, Bytes = count.Bytes };
}
