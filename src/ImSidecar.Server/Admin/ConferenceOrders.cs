using System.Globalization;
using ImSidecar.Admin.V1;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Controlling;
using ImSidecar.Grpc;
using ImSidecar.Protocol.Sip;
using ImSidecar.Server.Hosting;

namespace ImSidecar.Server.Admin;

/// <summary>Ends sessions and removes participants by order of the operator; what is answered is stored.</summary>
internal sealed class ConferenceOrders(AggregateRouter router, ConferenceNames names)
{
    private const int LongestReason = 128;

    private const string NotStored =
        "The store cannot be written now; the order waits for it, and is lost if imsidecar stops before that";

    public async Task<ReleaseConferenceResponse> ReleaseAsync(ReleaseConferenceRequest request, GrpcContext context)
    {
        AdminConnection.Require(context);
        var reason = Reason(request.Reason);
        var before = Running(request.Conference);

        var id = before.Id;
        await router.TryPostAndSettleAsync(id, new ReleaseOrdered(reason)).WaitAsync(context.Cancellation);
        if (names.Peek(id.Value) is { IsOver: false } now && now.SessionIdentity.SameAddress(before.SessionIdentity))
            throw AdminError.Unavailable(NotStored);

        return new()
        {
            Conference = id.Value,
            Participants = before.Participants.Values.Count(IsThere),
        };
    }

    public async Task<ExpelParticipantResponse> ExpelAsync(ExpelParticipantRequest request, GrpcContext context)
    {
        AdminConnection.Require(context);
        var reason = Reason(request.Reason);
        var before = Running(request.Conference);
        var user = Named(before, request.User);
        if (!before.PartsNamed(user).Any(IsThere))
            throw AdminError.NotFound($"{user.AddressKey} is not in conference {before.Id}");

        await router.TryPostAndSettleAsync(before.Id, new ExpulsionOrdered(user, reason))
            .WaitAsync(context.Cancellation);
        if (names.Peek(before.Id.Value) is { } now
            && now.SessionIdentity.SameAddress(before.SessionIdentity)
            && before.PartsNamed(user).Any(part => IsThere(now.Participants.GetValueOrDefault(part.Id))))
            throw AdminError.Unavailable(NotStored);

        return new()
        {
            Conference = before.Id.Value,
            User = user.AddressKey,
            MayReturn = before.GroupIdentity is not null,
        };
    }

    private Conference Running(string name)
    {
        var conference = names.Find(name);
        return conference.IsOver ? throw AdminError.Refused($"Conference {conference.Id} is over") : conference;
    }

    private static bool IsThere(Participant? part) =>
        part is not null && part.Leg.State != LegState.Ending && part.Invitation != Invitation.Cancelling;

    // A number names one of those that "conferences show" has listed.
    private static SipUri Named(Conference conference, string user)
    {
        if (!int.TryParse(user, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return AdminService.Uri(user, "user");

        return conference.Participants.GetValueOrDefault(string.Create(CultureInfo.InvariantCulture, $"p{number}"))
            is { } part
            ? part.Address
            : throw AdminError.NotFound($"Conference {conference.Id} has no participant {number}");
    }

    private static string Reason(string reason) =>
        reason.Length <= LongestReason && !reason.Any(each => char.IsControl(each) || char.IsSurrogate(each))
            ? reason
            : throw AdminError.Invalid($"The reason is text of at most {LongestReason} characters, in one line");
}
