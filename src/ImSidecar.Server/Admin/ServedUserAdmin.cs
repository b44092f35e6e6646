using ImSidecar.Admin.V1;
using ImSidecar.Core.Conferences;
using ImSidecar.Grpc;
using ImSidecar.Msrp;
using ImSidecar.Protocol.Sip;
using ImSidecar.Server.Hosting;
using ImSidecar.Server.Participating;

namespace ImSidecar.Server.Admin;

/// <summary>Tells imsidecarctl what is known of a served user, and sets how the service is for him.</summary>
internal sealed class ServedUserAdmin(
    AggregateRouter router, ServedUsers users, ServedUserIds ids, Live<OperatorPolicy> policy, TimeProvider time)
{
    public async Task<ServedUserResponse> ServedUserAsync(ServedUserRequest request, GrpcContext context)
    {
        AdminConnection.Require(context);
        var user = Read(request.User, policy.Value);

        var before = users.Of(user)?.Settings ?? ServiceSettings.Default;
        var wanted = new ServiceSettings
        {
            IsActive = request.HasActive ? request.Active : before.IsActive,
            IsVisible = request.HasVisible ? request.Visible : before.IsVisible,
            Delivery = request.HasDelivery ? DeliveryOf(request.Delivery) : before.Delivery,
        };
        if (wanted != before)
        {
            await router.PostAndSettleAsync(ids.Of(user), new ServiceSettingsChanged(user, wanted))
                .WaitAsync(context.Cancellation);
            if ((users.Of(user)?.Settings ?? ServiceSettings.Default) != wanted)
                throw new GrpcStatusException(GrpcStatusCode.Unavailable, "The settings cannot be stored now");
        }

        return Answer(user, wanted);
    }

    /// <summary>A user of this node as the operator names him; throws what tells the operator why he is none.</summary>
    public static SipUri Read(string text, OperatorPolicy policy)
    {
        if (!SipUri.TryParse(text, out var user))
            throw new GrpcStatusException(GrpcStatusCode.InvalidArgument, "The user is no SIP or tel URI");

        // Whose a number is, no URI tells.
        return policy.Participating.Serves(user) || (policy.Participating.IsOn && user.Scheme == "tel")
            ? user
            : throw new GrpcStatusException(
                GrpcStatusCode.NotFound, $"{user.AddressKey} is in none of Participating:Domains");
    }

    private static DeferredDelivery? DeliveryOf(string text) => text switch
    {
        "default" => null,
        "push" => DeferredDelivery.Push,
        "notify" => DeferredDelivery.Notify,
        "off" => DeferredDelivery.Off,
        _ => throw new GrpcStatusException(
            GrpcStatusCode.InvalidArgument, "The delivery is push, notify, off or default"),
    };

    private ServedUserResponse Answer(SipUri user, ServiceSettings settings)
    {
        var answer = new ServedUserResponse
        {
            Active = settings.IsActive,
            Visible = settings.IsVisible,
            Delivery = settings.Delivery?.ToString().ToLowerInvariant() ?? "default",
        };
        var now = time.GetUtcNow();
        foreach (var contact in users.Of(user)?.Contacts.Where(each => !each.IsGone && each.ExpiresAt > now) ?? [])
        {
            answer.Contacts.Add(new ServedContact
            {
                Contact = contact.Contact,
                Source = contact.Source.ToString(),
                FeatureTags = { contact.FeatureTags },
                ExpiresSeconds = (long)(contact.ExpiresAt - now).TotalSeconds,
                TakesMessages = contact.TakesMessages,
            });
        }

        return answer;
    }
}
