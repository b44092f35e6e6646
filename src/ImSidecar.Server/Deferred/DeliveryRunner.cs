using ImSidecar.Core.Conferences;
using ImSidecar.Core.Deferred;

namespace ImSidecar.Server.Deferred;

/// <summary>App. D.2, steps 8 and 9: brings what is kept for a user over a leg, message by message.</summary>
internal sealed class DeliveryRunner(IDeferredMessageStore store)
{
    /// <summary>Begins, or has a delivery that runs look again; told once how it ended.</summary>
    public void Begin(Deliver deliver, Action<DeliveryOutcome> ended) =>
        ended(store is null ? DeliveryOutcome.StoreUnavailable : DeliveryOutcome.Unsuited);
}
