using ImSidecar.Client.Blocking;
using ImSidecar.Protocol.ConferenceInfo;

namespace ImSidecar.Client.Subscriptions;

/// <summary>One user who is in or on his way in, as a person is shown him; IM 6.1.2.12.</summary>
/// <param name="Status">Of the endpoint that is in furthest; null if the document does not tell.</param>
public sealed record RosterLine(string Entity, string? Name, EndpointStatus? Status, bool IsBlocked)
{
    /// <summary>He takes part; false while he is called or calls.</summary>
    public bool IsIn => Status is null or EndpointStatus.Connected or EndpointStatus.OnHold
        or EndpointStatus.MutedViaFocus or EndpointStatus.Disconnecting;

    internal static RosterLine Of(ConferenceUser user, BlockList blocked) => new(
        user.Entity, user.DisplayText, StatusOf(user),
        // IM 6.1.2.12/notify-3
        blocked.IsBlocked(user.Entity));

    private static EndpointStatus? StatusOf(ConferenceUser user) =>
        user.Endpoints.IsEmpty ? null : user.Endpoints.Select(endpoint => endpoint.Status).MaxBy(Nearness);

    // Who takes part with one phone is in, whatever his others do.
    private static int Nearness(EndpointStatus? status) => status switch
    {
        EndpointStatus.Connected => 5,
        EndpointStatus.OnHold or EndpointStatus.MutedViaFocus => 4,
        EndpointStatus.Disconnecting => 3,
        EndpointStatus.Alerting => 2,
        EndpointStatus.Disconnected => 0,
        _ => 1,
    };
}
