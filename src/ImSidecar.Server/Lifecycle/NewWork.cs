using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Server.Lifecycle;

/// <summary>
/// Which requests leave something on this node that was not there before, when nothing has their name yet. What only passes,
/// what concerns something that exists, and what is done with its answer are none of them.
/// </summary>
internal static class NewWork
{
    public static bool IsAskedFor(ImRequest request, AggregateId id) => request switch
    {
        // To the factory or a group; one to a session that is not there is refused by the rules, and not for a while.
        InviteRequest => !request.Uri.User.StartsWith(id.Value, StringComparison.Ordinal),
        DepositRequest => true,
        MessageRequest => id.Kind == AggregateKind.PageMessage && !IsNamed(request, id),
        SubscribeRequest { IsInitial: true } => id.Kind == AggregateKind.DocumentSubscription && !IsNamed(request, id),
        ReferRequest { IsInitial: true } => id.Kind == AggregateKind.DeferredSession && !IsNamed(request, id),
        _ => false,
    };

    private static bool IsNamed(ImRequest request, AggregateId id) => request.Uri.User == id.Value;
}
